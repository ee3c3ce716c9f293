import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What the resolver says of a name: its addresses and other name, or one of three ways of knowing nothing. */
export type Zone =
  | { readonly a?: readonly string[]; readonly aaaa?: readonly string[]; readonly cname?: string }
  | 'no such name'
  | 'out of order'
  | 'silence';

/** May be another one for each question: by how often the name was asked for that type before. */
export type Script = Zone | ((nth: number) => Zone);

export interface Question {
  readonly name: string;
  /** `A`, `AAAA`, or the number of another type. */
  readonly type: string;
  readonly at: number;
}

export interface DnsServer {
  readonly asked: readonly Question[];
  close(): Promise<void>;
}

const types: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA' };
const NO_ERROR = 0;
const OUT_OF_ORDER = 2;
const NO_SUCH_NAME = 3;

/** A resolver on UDP that follows a script and keeps a log; names that it does not know do not exist. */
export async function startDns(
  zones: Readonly<Record<string, Script>>,
  { address, port = 53 }: { readonly address: string; readonly port?: number },
): Promise<DnsServer> {
  const known = new Map(Object.entries(zones));
  const asked: Question[] = [];
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  socket.on('message', (message, from) => {
    const { name, type, end } = readQuestion(message);
    const nth = asked.filter((one) => one.name === name && one.type === type).length;
    asked.push({ name, type, at: performance.now() });
    const zone = zoneOf(known.get(name), nth);
    if (zone === 'silence') return;
    const answers = typeof zone === 'string' ? [] : records(name, type, zone, known);
    socket.send(reply(message.subarray(0, end), codeOf(zone), answers), from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return {
    asked,
    close: () => new Promise((done) => socket.close(() => done())),
  };
}

const zoneOf = (script: Script = 'no such name', nth = 0): Zone =>
  typeof script === 'function' ? script(nth) : script;

function codeOf(zone: Zone): number {
  if (zone === 'no such name') return NO_SUCH_NAME;
  return zone === 'out of order' ? OUT_OF_ORDER : NO_ERROR;
}

function readQuestion(message: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at]!; length > 0; length = message[at]!) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const number = message.readUInt16BE(at + 1);
  return { name: labels.join('.').toLowerCase(), type: types[number] ?? String(number), end: at + 5 };
}

/** The chain of other names first, then the addresses of the last one. */
function records(
  name: string,
  type: string,
  zone: Exclude<Zone, string>,
  known: ReadonlyMap<string, Script>,
): Buffer[] {
  if (zone.cname !== undefined) {
    const next = zoneOf(known.get(zone.cname));
    const rest = typeof next === 'object' ? records(zone.cname, type, next, known) : [];
    return [record(name, 5, encodeName(zone.cname)), ...rest];
  }
  if (type === 'A')
    return (zone.a ?? []).map((ip) => record(name, 1, Buffer.from(ip.split('.').map(Number))));
  return type === 'AAAA' ? (zone.aaaa ?? []).map((ip) => record(name, 28, bytesOf6(ip))) : [];
}

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** Nobody may remember an answer: each look-up is to reach the log. */
function record(name: string, type: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(0, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fixed, data]);
}

/** The sixteen bytes of an address, also where its last four are written in the old way. */
export function bytesOf6(ip: string): Buffer {
  const tail = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(ip);
  const plain = tail
    ? `${tail[1]}${hex(Number(tail[2]) * 256 + Number(tail[3]))}:${hex(Number(tail[4]) * 256 + Number(tail[5]))}`
    : ip;
  const [before = '', after] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(before), groups(after ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

const hex = (number: number) => number.toString(16);

function reply(question: Buffer, code: number, answers: readonly Buffer[]): Buffer {
  const head = Buffer.from(question);
  head.writeUInt16BE(0x8580 | code, 2); // an answer, authoritative, recursion wanted and there
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...answers]);
}
