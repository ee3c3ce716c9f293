import type { Find } from './finds.ts';
import { isObject, type JsonObject } from './json-path.ts';

/** What a page says of itself in JSON-LD. */
export interface LinkedData {
  readonly finds: readonly Find[];
  readonly published: string | undefined;
  readonly isArticle: boolean;
}

const deepest = 32;
const mostNodes = 10_000;
const rank = 3e7;
/** What these hold is of the site, not of the post. */
const ofTheSite = new Set(['publisher', 'logo', 'author', 'creator', 'isPartOf', 'mainEntityOfPage']);

/** Undefined where it is not JSON: pages come with broken ones, and what they name stands elsewhere in them, too. */
export function readLinkedData(text: string): LinkedData | undefined {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return undefined;
  }
  const walk = new Walk();
  walk.into(whole, 0);
  return walk;
}

class Walk implements LinkedData {
  readonly finds: Find[] = [];
  published: string | undefined;
  isArticle = false;
  #nodes = 0;

  into(value: unknown, depth: number): void {
    if (typeof value !== 'object' || value === null || depth > deepest || ++this.#nodes > mostNodes) return;
    if (isObject(value)) this.#object(value);
    for (const [name, inner] of Object.entries(value))
      if (!ofTheSite.has(name) && !isPicture(name)) this.into(inner, depth + 1);
  }

  #object(value: JsonObject): void {
    const type = textsIn(value['@type']).join(' ');
    this.isArticle ||= /Article|Posting|Review|Recipe/.test(type);
    this.published ??= textsIn(value.datePublished)[0];
    this.#own(value, /(Image|Video|Audio)Object/.exec(type)?.[1]?.toLowerCase() as Find['kind']);
    for (const picture of [value.image, value.primaryImageOfPage].flat().slice(0, 100))
      this.#picture(picture);
  }

  /** The object is a medium itself, and a picture stands for it. */
  #own(value: JsonObject, kind: Find['kind']): void {
    const content = textsIn(value.contentUrl)[0];
    const [preview] = textsIn(value.thumbnailUrl);
    const isSame = kind === 'image' && content !== undefined;
    const candidates = [
      ...(content === undefined ? [] : [{ address: content, rank: rank + 1, ...sizeOf(value) }]),
      ...(isSame && preview ? [{ address: preview, rank }] : []),
    ];
    if (candidates.length > 0) this.finds.push({ kind, candidates });
    if (preview && !isSame) this.finds.push({ kind: 'image', candidates: [{ address: preview, rank }] });
  }

  #picture(value: unknown): void {
    if (typeof value === 'string') this.finds.push({ kind: 'image', candidates: [{ address: value, rank }] });
    if (!isObject(value)) return;
    const [content] = [...textsIn(value.contentUrl), ...textsIn(value.url)];
    const [preview] = textsIn(value.thumbnailUrl);
    const candidates = [
      ...(content ? [{ address: content, rank: rank + 1, ...sizeOf(value) }] : []),
      ...(preview ? [{ address: preview, rank }] : []),
    ];
    this.finds.push({ kind: 'image', candidates });
  }
}

const isPicture = (name: string) => name === 'image' || name === 'primaryImageOfPage';

const textsIn = (value: unknown): string[] =>
  [value].flat().filter((one): one is string => typeof one === 'string');

const sizeOf = ({ width, height }: JsonObject) => ({ width: pixels(width), height: pixels(height) });

function pixels(value: unknown): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined; // text of a deep list has no end
  const number = Number.parseInt(String(value).slice(0, 12), 10);
  return number > 0 && number < 1e6 ? number : undefined;
}
