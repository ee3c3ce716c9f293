import type { Kind, MediaItem, Page, Post } from '../model.ts';
import type { Report } from '../progress.ts';
import { counted, quoted } from '../shown.ts';

const mostTold = 20;
/** Letters that a source may want to know again. */
const mostMemory = 65_536;
const kinds: ReadonlySet<unknown> = new Set<Kind>(['image', 'video', 'audio', 'file']);

type LeaveOut = (what: string) => void;

/**
 * What of the pages is as the contract has it; the rest is left out with a warning that names the source. One mistake
 * in an adapter must not cost more than what it is made in, and never reach the archive.
 */
export async function* sound(
  pages: AsyncIterable<unknown>,
  { source, report }: { readonly source: string; readonly report: Report },
): AsyncGenerator<Page> {
  let left = 0;
  const leaveOut = (what: string) => {
    report({ event: 'unread' });
    if (++left <= mostTold)
      report({ event: 'warning', message: `The source ${source} gives ${what}; it is left out.` });
  };
  try {
    for await (const page of pages) {
      const found = pageIn(page, leaveOut);
      if (found) yield found;
    }
  } finally {
    const more = left - mostTold;
    const message = `The source ${source} gives ${counted(more, 'more thing')} of this kind.`;
    if (more > 0) report({ event: 'warning', message });
  }
}

function pageIn(value: unknown, leaveOut: LeaveOut): Page | undefined {
  const fault = faultIn(value, { posts: Array.isArray });
  if (fault !== undefined) leaveOut(`a page that is none (${fault})`);
  if (fault !== undefined) return undefined;
  const page = value as Page;
  const has = (name: keyof typeof ofPage) => {
    const isMeant = page[name] !== undefined;
    const isSound = isMeant && ofPage[name](page[name]);
    if (isMeant && !isSound) leaveOut(`a page with a ${name} that is none`);
    return isSound;
  };
  return {
    posts: page.posts.flatMap((post) => postIn(post, leaveOut) ?? []),
    ...(has('cursor') && { cursor: page.cursor }),
    ...(has('covers') && { covers: page.covers! }),
    ...(has('total') && { total: page.total! }),
    ...(has('blog') && { blog: page.blog! }),
    ...(has('memory') && { memory: page.memory }),
  };
}

/** Copies: what an adapter does later to what it gave is its own affair. */
function postIn(value: unknown, leaveOut: LeaveOut): Post | undefined {
  const fault = faultIn(value, ofPost);
  const post = value as Post;
  if (fault !== undefined) leaveOut(`${named('post', value)} that is none (${fault})`);
  return fault === undefined
    ? { ...post, items: post.items.flatMap((item) => itemIn(item, leaveOut) ?? []) }
    : undefined;
}

function itemIn(value: unknown, leaveOut: LeaveOut): MediaItem | undefined {
  const fault = faultIn(value, ofItem);
  if (fault !== undefined) leaveOut(`${named('medium', value)} that is none (${fault})`);
  return fault === undefined ? { ...(value as MediaItem) } : undefined;
}

const named = (what: string, value: unknown): string => {
  const id = isObject(value) ? value.id : undefined;
  return isText(id) ? `the ${what} ${quoted(id, 80)}` : `a ${what}`;
};

type Rules = Readonly<Record<string, (value: unknown) => boolean>>;

/** The first rule that a value does not keep. */
function faultIn(value: unknown, rules: Rules): string | undefined {
  if (!isObject(value)) return 'it is no object';
  for (const name in rules) if (!rules[name]!(value[name])) return `by its ${name}`;
  return undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isName = (value: unknown) => isText(value) && value !== '';
const areTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isTruth = (value: unknown) => typeof value === 'boolean';
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isDate = (value: unknown) => isText(value) && !Number.isNaN(Date.parse(value));
const isMoment = (value: unknown) => value === null || Number.isSafeInteger(value);
const orNull = (is: Rules[string]) => (value: unknown) => value === null || is!(value);
const orNone = (is: Rules[string]) => (value: unknown) => value === undefined || is!(value);

/** Can it be written as JSON? What refers to itself, or throws when it is looked at, cannot. */
function isWritable(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // whatever it threw
  }
}

const ofItem: Rules = {
  ...{ id: isName, kind: (value) => kinds.has(value), url: isName, alternates: areTexts },
  lesser: orNone(areTexts),
  ...{ post: orNull(isText), index: isCount, date: orNull(isDate), seen: orNone(isDate) },
  ...{ sha256: orNone(isText), width: orNone(isNumber), height: orNone(isNumber), larger: orNone(isText) },
  forbidden: orNone(isText),
};

const ofPost: Rules = {
  ...{ id: isName, date: orNull(isDate), url: orNull(isText), items: Array.isArray, raw: isWritable },
  ...{
    tags: orNone(areTexts),
    isReblog: orNone(isTruth),
    passing: orNone(areTexts),
    unknown: orNone(areTexts),
  },
};

const isBlog = (value: unknown) =>
  faultIn(value, { id: orNone(isText), raw: isWritable, passing: orNone(areTexts) }) === undefined;

const ofPage = {
  cursor: isWritable,
  covers: (value: unknown) => faultIn(value, { from: isMoment, to: isMoment }) === undefined,
  total: isCount,
  blog: isBlog,
  memory: (value: unknown) => isWritable(value) && JSON.stringify(value).length <= mostMemory,
} satisfies Rules;
