import type { IncomingHttpHeaders } from 'node:http';
import { type Ask, type AskOptions, openAsk } from '../../src/archive/ask.ts';
import { type Behaviour, behaves } from '../../src/demo/behaviours.ts';
import type { Capture } from '../../src/demo/captures.ts';
import { timeOf } from '../../src/demo/captures.ts';
import { startServer } from '../../src/demo/server.ts';
import { startWebArchive, type WebArchiveOptions } from '../../src/demo/web-archive.ts';
import { Gate, type GateOptions } from '../../src/net/gate.ts';
import { openHttp } from '../../src/net/http.ts';
import type { Progress } from '../../src/progress.ts';
import { lend, type Running } from './fake-blog.ts';
import { pace, patience } from './rig.ts';

/** A stand-in web archive that holds these captures, closed after the test. */
export async function withFakeArchive<T>(
  captures: readonly Capture[],
  options: WebArchiveOptions,
  test: (archive: Running) => Promise<T>,
): Promise<T> {
  return lend(await startWebArchive(captures, options), test);
}

/** Questions to one, and the captures that were fetched from it. */
export const questionsTo = ({ requests }: Running) => requests.filter(({ path }) => path.startsWith('/cdx/'));
export const replaysOf = ({ requests }: Running) => requests.filter(({ path }) => path.startsWith('/web/'));

/** The address that a question is about. */
export const askedFor = (path: string) => new URL(path, 'http://archive').searchParams.get('url');

interface MementoTraits {
  /** Without, the TimeGate alone answers. */
  readonly hasTimeMaps?: boolean;
  /** Does it know that `id_` asks for raw bytes? */
  readonly knowsRaw?: boolean;
  /** What is answered where nothing is held. */
  readonly absent?: Behaviour;
}

const absence = behaves(({ response }) => {
  response.writeHead(404, { vary: 'accept-datetime', 'content-type': 'text/plain' }).end('not held\n');
});

/** Another archive, which speaks Memento below `/all`, and has an index as pywb has it at `/all/cdx`. */
export async function withMemento<T>(
  captures: readonly Capture[],
  { hasTimeMaps = true, knowsRaw = true, absent = absence }: MementoTraits,
  test: (archive: Running) => Promise<T>,
): Promise<T> {
  const of = (url: string) => captures.filter((capture) => capture.url === url);
  const otherwise = behaves((exchange) => {
    const { request, response } = exchange;
    const base = `http://${request.headers.host}/all`;
    const path = request.url!.slice('/all/'.length);
    const [, listed] = /^timemap\/link\/(.+)$/.exec(path) ?? [];
    const [, time, flag, original] = /^(\d{14})(id_)?\/(.+)$/.exec(path) ?? [];
    const found = of(original ?? listed ?? path);
    if (found.length === 0 || (listed && !hasTimeMaps) || (flag && !knowsRaw)) return absent.answer(exchange);
    if (listed) {
      response
        .writeHead(200, { 'content-type': 'application/link-format' })
        .end(timeMap(base, listed, found));
      return;
    }
    const capture = found.find((one) => one.time === time) ?? nearestTo(request.headers, found);
    if (capture.time !== time) {
      const location = `${base}/${capture.time}/${capture.url}`;
      response.writeHead(302, { location, vary: 'accept-datetime' }).end();
      return;
    }
    response.setHeader('memento-datetime', httpDate(capture));
    if (capture.behaviour) return capture.behaviour.answer(exchange);
    response
      .writeHead(capture.status ?? 200, {
        'content-type': capture.type,
        'content-length': capture.body.length,
      })
      .end(capture.body);
  });
  const cdx = behaves(({ request, response }) => {
    const found = of(askedFor(request.url!) ?? '');
    const lines = found.map(({ url, time, type, status = 200 }) =>
      JSON.stringify({
        urlkey: 'k',
        timestamp: time,
        url,
        mime: type,
        status: `${status}`,
        digest: 'sha1:X',
      }),
    );
    response
      .writeHead(200, { 'content-type': 'text/x-ndjson' })
      .end(lines.map((line) => `${line}\n`).join(''));
  });
  return lend(await startServer({ '/all/cdx': cdx }, { otherwise }), test);
}

const httpDate = ({ time }: Capture) => new Date(timeOf(time)).toUTCString();

function nearestTo(headers: IncomingHttpHeaders, found: readonly Capture[]): Capture {
  const asked = Date.parse(String(headers['accept-datetime'] ?? new Date()));
  const far = ({ time }: Capture) => Math.abs(timeOf(time) - asked);
  return [...found].sort((a, b) => far(a) - far(b))[0]!;
}

const timeMap = (base: string, url: string, found: readonly Capture[]) =>
  [
    `<${url}>; rel="original"`,
    `<${base}/timemap/link/${url}>; rel="self"; type="application/link-format"`,
    `<${base}/${url}>; rel="timegate"`,
    ...found.map((one) => `<${base}/${one.time}/${url}>; rel="memento"; datetime="${httpDate(one)}"`),
  ].join(',\n');

export interface Asking {
  readonly ask: Ask;
  readonly gate: Gate;
  readonly events: readonly Progress[];
}

export interface AskingOptions extends Partial<AskOptions> {
  readonly gate?: Partial<GateOptions>;
}

/** The way to ask archives, over loopback and with short waits. */
export async function withAsk<T>(
  { gate: gateOptions, ...given }: AskingOptions,
  test: (asking: Asking) => Promise<T>,
): Promise<T> {
  const http = openHttp({
    userAgent: 'tester',
    connectTimeout: 2000,
    headerTimeout: 2000,
    allowPrivate: true,
    header: [],
    services: [],
  });
  const events: Progress[] = [];
  const gate = new Gate({
    ...{ rate: Number.POSITIVE_INFINITY, burst: null, places: 6, concurrency: 6, inHand: 6 },
    ...patience,
    retryAfterMax: 50_000,
    report: (event) => void events.push(event),
    ...gateOptions,
  });
  const options: AskOptions = {
    ...{ backoff: 'constant', backoffBase: 1, backoffMax: 1, retries: 2, timeout: 2000 },
    ...pace,
    random: () => 1,
    signal: new AbortController().signal,
    stop: new AbortController().signal,
    ...given,
  };
  try {
    return await test({ ask: openAsk(http, gate, options), gate, events });
  } finally {
    await gate.close();
    http.close();
  }
}
