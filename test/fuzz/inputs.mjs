import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';

/** What can be mutated of a source: each file that a case reads, and each answer that it is given. */
export function inputsOf(sources, fixtures) {
  const work = mkdtempSync(join(tmpdir(), 'oxbow-fuzz-'));
  const inputs = sources.flatMap((source) =>
    casesOf(source.name, fixtures).flatMap((folder) => inputsIn(source, folder, work)),
  );
  return { inputs, work };
}

/** `fixtures/json/…`, `fixtures/tumblr-export/…`: folders that are called by the source. */
const casesOf = (name, fixtures) =>
  readdirSync(fixtures)
    .filter((folder) => folder === name || folder.startsWith(`${name}-`))
    .flatMap((folder) => readdirSync(join(fixtures, folder)).map((entry) => join(fixtures, folder, entry)))
    .filter((folder) => existsSync(join(folder, 'expected.json')));

function inputsIn(source, folder, work) {
  const input = readdirSync(folder).find((file) => file.startsWith('input'));
  const given = existsSync(join(folder, 'case.json')) ? json(join(folder, 'case.json')) : undefined;
  if (input !== undefined) return fileInputs(source, join(folder, input), settingsIn(folder, source), work);
  return given ? answerInputs(source, folder, given) : [];
}

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const settingsIn = (folder, source) =>
  existsSync(join(folder, 'settings.json')) ? named(json(join(folder, 'settings.json')), source) : {};
const named = (settings, { name }) =>
  Object.fromEntries(Object.entries(settings).map(([key, value]) => [`sources.${name}.${key}`, value]));

/** A copy of the input, in which one file at a time is another; it is put back after each. */
function fileInputs(source, input, settings, work) {
  const copy = join(mkdtempSync(join(work, 'case-')), basename(input));
  cpSync(input, copy, { recursive: true });
  return filesIn(copy).map((file) => {
    const seed = readFileSync(file);
    return {
      name: `${source.name} ${input} ${file.slice(copy.length)}`,
      source,
      seed,
      settings,
      target: copy,
      begin: (pieces) => write(file, pieces),
      end: () => writeFileSync(file, seed),
      fetch: async (url) => answer(url, undefined),
    };
  });
}

const filesIn = (path) =>
  statSync(path).isDirectory() ? readdirSync(path).flatMap((entry) => filesIn(join(path, entry))) : [path];

function answerInputs(source, folder, { target, settings = {}, answers = {} }) {
  return Object.entries(answers).map(([address, given]) => {
    const seed = bodyOf(given, folder);
    let body = [seed];
    const fetch = async (url) => {
      const found = answers[url];
      return answer(url, found, url === address ? body : found && [bodyOf(found, folder)]);
    };
    return {
      name: `${source.name} ${folder} ${address}`,
      source,
      seed,
      settings: named(settings, source),
      target,
      begin: (pieces) => {
        body = pieces;
      },
      end: () => undefined,
      fetch,
    };
  });
}

const bodyOf = ({ file, text = '' }, folder) =>
  file === undefined ? Buffer.from(text) : readFileSync(join(folder, file));

/** An answer as the tool's own fetch gives it; unknown addresses are 404. */
function answer(url, given, pieces = []) {
  const {
    status = 200,
    type = 'application/json',
    headers = {},
    at = url,
  } = given ?? { status: 404, type: 'text/plain' };
  return {
    status,
    headers: { 'content-type': type, ...headers },
    url: at,
    body: Readable.from(inChunks(pieces)),
  };
}

/** As a network gives it: not all at once. Nothing of it is empty, which a stream would take for its end. */
function* inChunks(pieces) {
  for (const piece of pieces)
    for (let at = 0; at < piece.length; at += 65_536) yield piece.subarray(at, at + 65_536);
}

function write(file, pieces) {
  const handle = openSync(file, 'w');
  for (const piece of pieces) writeSync(handle, piece);
  closeSync(handle);
}
