import { UsageError } from '../../errors.ts';
import { suggestion } from '../../nearest.ts';
import { quoted } from '../../shown.ts';
import { at, elements, textAt } from '../json-path.ts';
import { type ApiWay, addressOf, askObject, Closed, Refused } from './api.ts';
import type { Site } from './site.ts';

/** A type of posts that a blog shows. */
export interface PostType {
  /** As WordPress calls it, and where it is below the root. */
  readonly slug: string;
  readonly base: string;
}

const post: PostType = { slug: 'post', base: 'posts' };
const page: PostType = { slug: 'page', base: 'pages' };
export const media: PostType = { slug: 'attachment', base: 'media' };

/** What serves the making of pages, and is none itself. */
const inner =
  /^(wp_.*|nav_menu_item|revision|custom_css|customize_changeset|oembed_cache|user_request|attachment|elementor.*|e-.*|jp_.*|jetpack-form|feedback|amp_.*|acf-.*|popup|ct_template|et_.*|astra.*|fl-.*|spectra-popup|generic_.*|mc4wp-form|wpcf7.*|wpforms)$/;
const most = 30;

/** Is it none that people read? */
export const isInner = (slug: string): boolean => inner.test(slug);

/** Which types are to be listed: posts and pages, what else the blog shows as such, and media that no post has. */
export async function typesOf(
  { root }: Site,
  wanted: readonly string[] | undefined,
  way: ApiWay,
): Promise<readonly PostType[]> {
  const usual = [post, page, media];
  const known = wanted?.map((name) => usual.find(isCalled(name)));
  if (known?.every((type) => type !== undefined)) return known;
  const others = await otherTypes(root, way);
  return wanted?.map((name) => chosen(name, [...usual, ...others])) ?? [post, page, ...others, media];
}

const isCalled = (name: string) => (type: PostType) => type.slug === name || type.base === name;

function chosen(name: string, types: readonly PostType[]): PostType {
  const type = types.find(isCalled(name));
  if (type) return type;
  const names = types.map(({ base }) => base);
  throw new UsageError(
    `The blog shows no type ${quoted(name, 80)}${suggestion(name, names) || `; there are ${names.join(', ')}.`}`,
  );
}

/** Where types are not told, posts and pages are all. */
async function otherTypes(root: string, way: ApiWay): Promise<readonly PostType[]> {
  try {
    const types = await askObject(addressOf(root, 'types'), (value) => value ?? undefined, way);
    return elements(types).flatMap(otherType).slice(0, most);
  } catch (error) {
    if (error instanceof Closed || error instanceof Refused) return [];
    throw error;
  }
}

function otherType(raw: unknown): PostType[] {
  const slug = textAt(raw, [['slug']], 100) ?? '';
  const base = textAt(raw, [['rest_base']], 100) ?? '';
  const space = textAt(raw, [['rest_namespace']], 100) ?? 'wp/v2';
  const isUsual = [post, page, media].some((type) => type.slug === slug || type.base === base);
  const isShown = at(raw, ['viewable']) !== false && space === 'wp/v2';
  const isName = /^[\w-]+$/.test(base) && /^[\w-]+$/.test(slug);
  return isUsual || !isShown || !isName || isInner(slug) ? [] : [{ slug, base }];
}
