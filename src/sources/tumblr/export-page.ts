import { readDate } from '../date.ts';
import type { Attributes } from '../elements.ts';
import { FlatParser } from '../flat-parser.ts';
import { detached } from '../text.ts';

/** What a page of an export says, as it says it. */
export interface ExportPage {
  /** The body of the post. */
  readonly html: string;
  readonly title?: string;
  readonly timestamp?: string;
  readonly tags: readonly string[];
}

const mostTags = 1000;
const longestText = 10_000;

/** Parts a page into the post, and what stands above and below it. */
export function readExportPage(page: string): ExportPage {
  const reader = new PageReader(page);
  return reader.read();
}

type Words = 'title' | 'timestamp' | 'tag';

const tracked: ReadonlySet<string> = new Set(['body', 'h1', 'span', 'script', 'style']);

class PageReader {
  readonly #page: string;
  readonly #parser: FlatParser;
  #start = 0;
  #end: number | undefined;
  #isBelowTop = false;
  #title: string | undefined;
  #timestamp: string | undefined;
  #tags: string[] = [];
  #words: { readonly of: Words; text: string } | undefined;

  constructor(page: string) {
    this.#page = page;
    this.#parser = new FlatParser(tracked, {
      open: (name, attributes) => this.#open(name, attributes),
      close: (name) => this.#close(name),
      text: (text) => {
        if (this.#words && this.#words.text.length < longestText) this.#words.text += text;
      },
    });
  }

  read(): ExportPage {
    this.#parser.write(this.#page);
    const end = this.#end ?? this.#page.length;
    this.#parser.end();
    return {
      html: detached(this.#page.slice(this.#start, end).trim()),
      ...(this.#title !== undefined && { title: this.#title }),
      ...(this.#timestamp !== undefined && { timestamp: this.#timestamp }),
      tags: this.#tags,
    };
  }

  #open(name: string, { id, class: classes = '' }: Attributes): void {
    const { startIndex, endIndex } = this.#parser;
    if (name === 'body') this.#start = endIndex + 1;
    else if (id === 'footer') this.#beginFooter(startIndex);
    else if (name === 'h1' && this.#isAtTop(startIndex)) this.#words = { of: 'title', text: '' };
    else if (name === 'span' && this.#end !== undefined && id === 'timestamp')
      this.#words = { of: 'timestamp', text: '' };
    else if (name === 'span' && this.#end !== undefined && /(?:^|\s)tag(?:\s|$)/.test(classes.slice(0, 200)))
      this.#words = { of: 'tag', text: '' };
  }

  #close(name: string): void {
    if (name === 'body') this.#end ??= this.#parser.startIndex;
    if (name === 'h1' && this.#words?.of === 'title') this.#start = this.#parser.endIndex + 1;
    if (name !== 'h1' && name !== 'span') return;
    const { of, text } = this.#words ?? {};
    this.#words = undefined;
    if (of !== undefined && text !== undefined) this.#take(of, plain(text));
  }

  /** The last one is that of the page: what somebody wrote may look like one. */
  #beginFooter(at: number): void {
    this.#end = at;
    this.#timestamp = undefined;
    this.#tags = [];
  }

  /** A heading further down is the author's own. */
  #isAtTop(at: number): boolean {
    const isFirst = !this.#isBelowTop;
    this.#isBelowTop = true;
    return isFirst && this.#page.slice(this.#start, at).trim() === '';
  }

  #take(of: Words, text: string): void {
    if (of === 'title') this.#title ??= text;
    else if (of === 'timestamp') this.#timestamp ??= text;
    else if (text !== '' && this.#tags.length < mostTags) this.#tags.push(text);
  }
}

const plain = (text: string): string => detached(text.slice(0, longestText).replace(/\s+/g, ' ').trim());

const local = /^([a-z]{3,9}) (\d{1,2})(?:st|nd|rd|th)?,? (\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d))? ?([ap]m)?$/i;

/** `January 5th, 2024 7:32pm`, without a zone: counts as UTC, as everywhere; null for what is no such moment. */
export function dateOfPage(timestamp: string | undefined): string | null {
  const found = timestamp === undefined || timestamp.length > 64 ? null : local.exec(timestamp);
  if (!found) return readDate(timestamp);
  const [, month, day, year, hour, minute, second = '00', half] = found;
  const clock = half === undefined ? Number(hour) : hourOf(Number(hour), half);
  if (clock === undefined) return null;
  return readDate(`${day} ${month} ${year} ${String(clock).padStart(2, '0')}:${minute}:${second}`);
}

/** Noon is 12pm, and midnight 12am. */
function hourOf(hour: number, half: string): number | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}
