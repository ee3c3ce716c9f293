/** Hostile forms of what each source reads: node test/fuzz/hostile.mjs MEGABYTES FORM|all [only]. Prints what came of each. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { inputsOf } from './inputs.mjs';
import { isOurs, listed } from './listing.mjs';

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));
const [size = '5', form = 'line', only = ''] = process.argv.slice(2);
const megabytes = Number(size);
const mebibyte = 2 ** 20;
const byteOrderMark = Buffer.from([0xff, 0xfe]);

/** A place in which a value stands: of JSON within its quotes, else the text of an element, else the middle. */
function placeIn(seed) {
  const text = seed.toString('latin1');
  const found = [...text.matchAll(/:\s*"([^"\\]{1,200})"|>([^<>]{1,200})</g)];
  const place = found[Math.floor(found.length / 2)];
  const middle = Math.floor(seed.length / 2);
  if (!place) return { before: seed.subarray(0, middle), after: seed.subarray(middle), isJson: false };
  const at = place.index + place[0].lastIndexOf(place[1] ?? place[2]);
  const end = at + (place[1] ?? place[2]).length;
  return { before: seed.subarray(0, at), after: seed.subarray(end), isJson: place[1] !== undefined };
}

/** So many times a piece of a mebibyte, which is held once. */
function* between(seed, put) {
  const { before, after, isJson } = placeIn(seed);
  yield before;
  yield* put(isJson);
  yield after;
}

function* times(count, piece) {
  for (let n = 0; n < count; n++) yield piece;
}

const forms = {
  line: (seed) => between(seed, () => times(megabytes, Buffer.alloc(mebibyte, 'x'))),
  depth: (seed) =>
    between(seed, (isJson) => [Buffer.from(isJson ? `",${'['.repeat(200_000)}` : '<b>'.repeat(200_000))]),
  references: (seed) => between(seed, () => times(megabytes, Buffer.from('&#120;'.repeat(mebibyte / 6)))),
  *bomb(seed) {
    yield gzipSync(seed.subarray(0, seed.length - 1)); // a gzip may have several members
    yield* times(megabytes * 10, gzipSync(Buffer.alloc(mebibyte, ' ')));
  },
  utf16: (seed) => [byteOrderMark, Buffer.from(seed.toString('latin1'), 'utf16le')],
  bytes: (seed) => [Buffer.from(seed).fill(0xff, Math.floor(seed.length / 3), Math.floor(seed.length / 2))],
  nothing: () => [],
  items: (seed) => repeated(seed, megabytes ** 2 * 400), // of 50, a million
};

/** The same entry over and over: of XML an element that stands for one, of JSON one of its longest list, else a line. */
function* repeated(seed, count) {
  const text = seed.toString('utf8');
  const [before, entry, after] = entryIn(text);
  const some = Buffer.from(entry.repeat(100));
  yield Buffer.from(before);
  for (let n = 0; n < count; n += 100) yield some;
  yield Buffer.from(after);
}

function entryIn(text) {
  const element = /<(item|entry|url|post)[\s>][\s\S]*?<\/\1>/.exec(text);
  if (element) return cutAt(text, element.index, element[0]);
  const list = text.trimStart().startsWith('<') ? undefined : longestList(text);
  if (list) return list;
  const line = text.split('\n').at(-2) ?? text;
  return cutAt(text, text.lastIndexOf(line), `${line}\n`);
}

const cutAt = (text, at, entry) => [text.slice(0, at), entry, text.slice(at)];

const mark = '"@here@"';

function longestList(text) {
  try {
    const document = JSON.parse(text);
    const lists = listsIn(document).sort((a, b) => b.length - a.length);
    const entry = lists[0]?.[0];
    if (entry === undefined) return undefined;
    lists[0].unshift(JSON.parse(mark));
    const [before, after] = JSON.stringify(document).split(mark);
    return [before, `${JSON.stringify(entry)},`, after.replace(/^,/, '')];
  } catch {
    return undefined; // no one document of JSON: lines
  }
}

function listsIn(value) {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(listsIn);
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'object' ? [value, ...inner] : inner;
}

const { sources } = await import(new URL('../../dist/sources/index.js', import.meta.url).href);
const { inputs, work } = inputsOf(sources, fixtures);
const first = new Map();
/** Of each source, the largest that is text: what lists the posts. */
for (const input of inputs.filter(
  ({ name, seed }) => name.includes(only) && !seed.subarray(0, 512).includes(0),
)) {
  const { name } = input.source;
  if ((first.get(name)?.seed.length ?? -1) < input.seed.length) first.set(name, input);
}
const memory = () => process.resourceUsage().maxRSS / 1024;
let grown = 0;
const results = [];
for (const name of form === 'all' ? Object.keys(forms) : [form]) {
  for (const input of first.values()) {
    const before = memory();
    const began = process.cpuUsage();
    const outcome = await outcomeOf(input, forms[name](input.seed));
    const { user, system } = process.cpuUsage(began);
    grown = Math.max(grown, memory() - before);
    results.push({ form: name, source: input.source.name, outcome, ms: Math.round((user + system) / 1000) });
  }
}
rmSync(work, { recursive: true, force: true });
console.log(JSON.stringify({ results, grown: Math.ceil(grown) }));

async function outcomeOf(input, pieces) {
  try {
    return `${await listed(input, pieces, Number.POSITIVE_INFINITY)} posts`;
  } catch (error) {
    return isOurs(error) ? error.constructor.name : `fault: ${error?.stack ?? error}`;
  }
}
