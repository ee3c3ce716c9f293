import { wholeOf } from '../json-path.ts';
import { Unreadable } from '../json-stream.ts';
import type { V1Page } from './v1-json.ts';
import { XmlPosts } from './v1-xml-posts.ts';

/** The form in XML, with its posts as the form in JSON has them. Throws `Unreadable`. */
export function readV1Xml(text: string): V1Page {
  if (!/^\s{0,100}<(\?xml|tumblr)[\s>]/.test(text.slice(0, 200))) throw new Unreadable('is not XML');
  const page = new XmlPosts({ isPage: true });
  const posts = [...page.take(text)];
  page.end();
  const { blog, list } = page;
  if (!list && !(blog && Object.keys(blog).length === 0)) throw new Unreadable('has no list of posts');
  return { blog: blog ? { ...blog } : { name: null }, total: wholeOf(list?.total), posts };
}
