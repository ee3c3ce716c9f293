import { FlatParser } from '../flat-parser.ts';
import type { JsonObject } from '../json-path.ts';
import { Unreadable } from '../json-stream.ts';
import { readCount, type V1Page } from './v1-json.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const piece = 65_536;
const deepest = 32;
/** Elements and attributes. */
const most = 100_000;

/**
 * The form in XML, with its posts as the form in JSON has them. Entities of its own are not expanded, so none can
 * grow. Throws `Unreadable`.
 */
export function readV1Xml(text: string): V1Page {
  if (!/^\s{0,100}<(\?xml|tumblr)[\s>]/.test(text.slice(0, 200))) throw new Unreadable('is not XML');
  if (!text.trimEnd().endsWith('</tumblr>')) throw new Unreadable('ends in the middle');
  const root = treeOf(text).children.find(({ name }) => name === 'tumblr');
  const child = (wanted: string) => root?.children.find(({ name }) => name === wanted);
  const blog = child('tumblelog');
  const posts = child('posts');
  if (!posts && !(blog && Object.keys(blog.attributes).length === 0))
    throw new Unreadable('has no list of posts');
  return {
    blog: blog ? { ...blog.attributes } : { name: null },
    total: readCount(posts?.attributes.total),
    posts: (posts?.children ?? []).filter(({ name }) => name === 'post').map(objectOf),
  };
}

function treeOf(text: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  let count = 0;
  const parser = new FlatParser(
    { has: () => true },
    {
      open(name, attributes) {
        if (open.length > deepest) throw new Unreadable(`is nested deeper than ${deepest} levels`);
        count += 1 + Object.keys(attributes).length;
        if (count > most) throw new Unreadable('has more elements and attributes than a page can have');
        const element = { name, attributes, children: [], text: '' };
        open.at(-1)!.children.push(element);
        open.push(element);
      },
      close: () => void open.pop(),
      text: (part) => {
        open.at(-1)!.text += part;
      },
    },
    { xmlMode: true },
  );
  for (let at = 0; at < text.length; at += piece) parser.write(text.slice(at, at + piece));
  parser.end();
  return root;
}

/** Attributes and children alike become keys, as in JSON. */
function objectOf({ attributes, children }: Element): JsonObject {
  const found = new Map<string, unknown>(Object.entries(attributes));
  const tags = children.filter(({ name }) => name === 'tag').map(({ text }) => text);
  if (tags.length > 0) found.set('tags', tags);
  for (const child of children) {
    const key = keyOf(child);
    if (child.name !== 'tag' && !found.has(key)) found.set(key, contentOf(child));
  }
  return Object.fromEntries(found);
}

/** `<photo-url max-width="500">` is `photo-url-500`. */
function keyOf({ name, attributes }: Element): string {
  if (name === 'photoset') return 'photos';
  const width = attributes['max-width'] ?? '';
  return /^\d{1,5}$/.test(width) ? `${name}-${width}` : name;
}

function contentOf(element: Element): unknown {
  const { name, children, text } = element;
  if (name === 'photoset') return children.map(objectOf);
  if (name === 'conversation') return children.map((line) => ({ ...line.attributes, phrase: line.text }));
  return children.length > 0 ? objectOf(element) : text;
}
