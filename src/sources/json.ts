import { isAddress, nameOfAddress } from './address.ts';
import { jsonSettings } from './json-mapping.ts';
import type { Source } from './source.ts';
import { everyFile, firstText, nameOfFiles, withoutPrefix } from './target.ts';

const endings = /\.(json|jsonl|ndjson)(\.gz)?$/i;

/** Exports in JSON or JSON Lines, from disk or from the web, however large. */
export const json: Source = {
  name: 'json',
  takes: 'a JSON or JSON Lines export: a file, a pattern of such files, or its address',
  settings: jsonSettings,
  breadth: 'format',
  claims: (target) =>
    isAddress(target)
      ? URL.canParse(target) && endings.test(new URL(target).pathname)
      : everyFile(target, isJson),
  async recognises({ target, type, start, status }) {
    const isJson =
      /^application\/(.+\+)?(json|x-ndjson|jsonl|x-jsonlines)$/.test(type) || /^\s*[{[]/.test(start);
    return status === 200 && isJson ? { target, why: 'what its server answers is JSON' } : undefined;
  },
  nameOf(target) {
    const place = withoutPrefix('json', target);
    if (!isAddress(place)) return nameOfFiles(place);
    return URL.canParse(place) ? nameOfAddress(place) : null;
  },
  async open(target, context) {
    const { openJson } = await import('./json-export.ts'); // loaded by whoever needs it
    return openJson(withoutPrefix('json', target), context);
  },
};

const isJson = (file: string) => endings.test(file) || /^\s*[{[]/.test(firstText(file));
