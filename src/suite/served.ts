import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Case, ServedAnswer } from './case.ts';

type Answers = Pick<Case, 'answers' | 'folder'>;

const served = new Map<string, Answers>();
let base: Promise<string> | undefined;

/** Where the answer of an address is had from a real server on loopback, which says what a case states, and else 404. */
export async function placeOf(given: Answers): Promise<(url: string) => string> {
  base ??= listening();
  const at = await base;
  const number = String(served.size + 1);
  served.set(number, given);
  return (url) => `${at}/${number}/${encodeURIComponent(url)}`;
}

/** The address that answers, as it is told. */
export const answeringAddress = ({ answers }: Answers, url: string): string => answers[url]?.at ?? url;

/** One for all cases of a process, which it does not keep alive. */
async function listening(): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
  const [, number = '', address = ''] = url.split('/', 3);
  const given = served.get(number);
  const found: ServedAnswer | undefined = given?.answers[decodeURIComponent(address)];
  const { status = 200, type = 'application/json', headers } = found ?? { status: 404, type: 'text/plain' };
  // What is kept open would keep a test runner waiting for its end.
  response.writeHead(status, { 'content-type': type, connection: 'close', ...headers });
  response.end(bodyOf(found, given?.folder ?? ''));
}

function bodyOf({ file, text = '' }: ServedAnswer = {}, folder: string): string | Buffer {
  return file === undefined ? text : readFileSync(join(folder, file));
}
