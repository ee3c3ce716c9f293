import { messageOfArchive } from '../net/memento.ts';
import type { ContentType } from './content-type.ts';

/** What a page that came in place of media says of itself. The first that is seen names it. */
const pages: readonly (readonly [RegExp, string])[] = [
  [
    /cf-chl|challenge-platform|just a moment\.\.\.|attention required|captcha|verify(ing)? (that )?you are (a )?human|ddos.guard|checking your browser/i,
    'a challenge page',
  ],
  [messageOfArchive, 'a message of a web archive'],
  [
    /<input[^>]{0,200}type=["']?password|\b(log|sign)[ -]?in\b[^<]{0,80}<\/title>|<title>[^<]{0,80}\b(log|sign)[ -]?in\b|login_required/i,
    'a login page',
  ],
  [
    /<title>[^<]{0,120}(\b404\b|not found|no longer (available|exists)|does not exist|deleted|nothing (here|found)|page (is )?gone|introuvable|nicht gefunden|no encontrad)/i,
    'a page that says it is not there',
  ],
  [
    /domain[^<]{0,40}(is )?for sale|buy this domain|parked (free|domain)|sedoparking/i,
    'a page of a domain that is for sale',
  ],
  [
    /<title>[^<]{0,120}(\b(403|forbidden)\b|access denied|not (authori[sz]ed|allowed))/i,
    'a page that refuses',
  ],
];

const READ = 4096;
const textOf = (head: Uint8Array) => Buffer.from(head.subarray(0, READ)).toString('utf8');

/** The very words of a web archive that has not what it is asked for, or may not show it. */
export const isOfArchive = (head: Uint8Array): boolean => messageOfArchive.test(textOf(head));

/** What the page in front of us seems to be, for whoever reads the record; undefined for what is no page. */
export function pageIn({ type }: ContentType, head: Uint8Array): string | undefined {
  if (!/html|xml|json|^text\//.test(type)) return undefined;
  const text = textOf(head);
  const what = pages.find(([mark]) => mark.test(text))?.[1];
  const title = /<title[^>]{0,200}>([^<]{1,200})/i.exec(text)?.[1]?.replace(/\s+/g, ' ').trim();
  const said = title ? `«${title.slice(0, 80)}»` : undefined;
  return [what, said].filter(Boolean).join(' ') || undefined;
}

const errors: readonly (readonly [RegExp, RegExp])[] = [
  [/json/, /^\s*\{[^[{]{0,200}"(errors?|error_?(code|message)|fault)"\s*:/i],
  [/json/, /^\s*\{[^[{]{0,200}"(status|code|statusCode)"\s*:\s*"?[45]\d\d\b/],
  [/json/, /^\s*\{\s*"(ok|success)"\s*:\s*false\b/],
  [/xml/, /<(Error|ErrorResponse|Fault)[\s>]/],
  [
    /^text\//,
    /^\s*(\d{3}\s+)?(not found|file not found|no such (file|key)|access denied|forbidden|gone|unauthori[sz]ed|bad request|error 4\d\d|404)\b/i,
  ],
];

/** An answer with the status of success whose few words are of a failure. */
export function errorIn(type: string, head: Uint8Array): boolean {
  if (head.length >= READ) return false; // longer than any message of this sort
  const text = textOf(head);
  return errors.some(([kind, mark]) => kind.test(type) && mark.test(text));
}
