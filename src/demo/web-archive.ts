import { type Behaviour, behaves, type Exchange, serves } from './behaviours.ts';
import { type Capture, filed, timeOf } from './captures.ts';
import { answersIndex } from './cdx.ts';
import { type FakeServer, startServer } from './server.ts';

export interface WebArchiveOptions {
  /** How the index behaves instead; as a function it is given the proper one, to come to it after all. */
  readonly index?: Behaviour | ((proper: Behaviour) => Behaviour);
}

/** A stand-in for the Internet Archive: its index and the replay of raw captures, with the captures given. */
export function startWebArchive(
  captures: readonly Capture[],
  { index = (proper) => proper }: WebArchiveOptions = {},
): Promise<FakeServer> {
  const proper = answersIndex(captures);
  const cdx = typeof index === 'function' ? index(proper) : index;
  return startServer({ '/cdx/search/cdx': cdx }, { otherwise: replays(captures) });
}

/** `/web/<timestamp>id_/<address>`: the capture of that second, or the way to the nearest one. */
function replays(captures: readonly Capture[]): Behaviour {
  const of = filed(captures);
  return behaves((exchange) => {
    const [, timestamp, flag, url] =
      /^\/web\/(\d{1,14})([a-z]{2}_)?\/(.+)$/.exec(exchange.request.url!) ?? [];
    const found = timestamp && url ? nearest(of, url, timestamp) : undefined;
    if (!found) return notArchived(exchange);
    if (found.time === timestamp) return replay(found, exchange);
    const { request, response } = exchange;
    const location = `http://${request.headers.host}/web/${found.time}${flag ?? ''}/${found.url}`;
    response
      .writeHead(302, { location, 'x-archive-redirect-reason': `found capture at ${found.time}` })
      .end();
  });
}

function nearest(of: ReturnType<typeof filed>, url: string, timestamp: string): Capture | undefined {
  if (!URL.canParse(url.includes('://') ? url : `http://${url}`)) return undefined;
  const far = ({ time }: Capture) => Math.abs(timeOf(time) - timeOf(timestamp));
  return [...of(url)].sort((a, b) => far(a) - far(b))[0];
}

function replay(capture: Capture, exchange: Exchange): void | Promise<void> {
  const { url, time, body, type, status = 200, memento = true, behaviour, location } = capture;
  const { request, response } = exchange;
  response.setHeader('x-archive-orig-content-type', type);
  response.setHeader('x-archive-orig-content-length', body.length);
  for (const [name, value] of Object.entries(capture.headers ?? {}))
    response.setHeader(`x-archive-orig-${name}`, value);
  response.setHeader('link', `<${url}>; rel="original"`);
  if (memento) response.setHeader('memento-datetime', new Date(timeOf(time)).toUTCString());
  if (behaviour) return behaviour.answer(exchange);
  if (status === 200) return serves(body, { type, etag: null }).answer(exchange);
  const onwards = `http://${request.headers.host}/web/${time}id_/${location}`;
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': body.length,
      ...(location && { location: onwards }),
    })
    .end(body);
}

function notArchived({ response }: Exchange): void {
  const text =
    '<!doctype html>\n<html lang="en"><body><p>No capture of that address is held here.</p></body></html>\n';
  response.writeHead(404, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}
