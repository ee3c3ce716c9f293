import { sumOfText } from '../../sums.ts';
import { at, isObject, type JsonObject } from '../json-path.ts';

/** So many of the newest posts are remembered; a listing comes by those of its first page again. */
const most = 60;

/**
 * How posts looked in the list when their texts were asked for. One that looks the same, and is held, need not be asked
 * for again: the list tells how many words a text has.
 */
export class Recent {
  readonly #before: ReadonlyMap<string, string>;
  readonly #now: (readonly [string, string, string])[] = [];

  constructor(memory: unknown) {
    this.#before = new Map(pairsIn(memory));
  }

  isAsItWas(id: string, raw: JsonObject): boolean {
    return this.#before.get(id) === lookOf(raw);
  }

  add(id: string, raw: JsonObject): void {
    this.#now.push([id, lookOf(raw), typeof raw.post_date === 'string' ? raw.post_date.slice(0, 40) : '']);
    if (this.#now.length <= most) return;
    const oldest = this.#now.reduce((a, b) => (b[2] < a[2] ? b : a));
    this.#now.splice(this.#now.indexOf(oldest), 1);
  }

  /** What was remembered before stands as long as this listing has not come by as many. */
  get memory(): unknown {
    const looks = new Map([...this.#now.map(([id, look]) => [id, look] as const), ...this.#missed()]);
    return { looks: [...looks].slice(0, most) };
  }

  #missed(): (readonly [string, string])[] {
    const met = new Set(this.#now.map(([id]) => id));
    return [...this.#before].filter(([id]) => !met.has(id));
  }
}

function pairsIn(memory: unknown): (readonly [string, string])[] {
  const pairs = isObject(memory) ? at(memory, ['looks']) : undefined;
  if (!Array.isArray(pairs)) return [];
  return pairs.slice(0, most).flatMap((pair) => {
    const [id, look] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    return typeof id === 'string' && typeof look === 'string' ? [[id, look] as const] : [];
  });
}

const telling = [
  ...[
    'title',
    'subtitle',
    'description',
    'slug',
    'type',
    'audience',
    'post_date',
    'wordcount',
    'cover_image',
  ],
  ...['truncated_body_text', 'podcast_url', 'podcast_upload_id', 'podcast_duration', 'video_upload_id'],
  ...['voiceover_upload_id', 'canonical_url', 'updated_at'],
];

const lookOf = (raw: JsonObject): string =>
  sumOfText('sha256', JSON.stringify(telling.map((key) => at(raw, [key]) ?? null))).slice(0, 16);
