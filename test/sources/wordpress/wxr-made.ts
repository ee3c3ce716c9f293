import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Post } from '../../../src/model.ts';
import type { Progress } from '../../../src/progress.ts';
import { openWxr } from '../../../src/sources/wordpress/wxr.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { withTempFolder } from '../../helpers/temp-folder.ts';

const spaces =
  'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"';

export const head = (site = 'https://reed.example'): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" ${spaces}><channel><title>Reed</title><wp:base_blog_url>${site}</wp:base_blog_url>\n`;

export const foot = '</channel></rss>\n';

export const uploads = 'https://reed.example/wp-content/uploads/2024/05/';

/** An item with these elements; their text is put in as it is. */
export const item = (words: Readonly<Record<string, string>>): string =>
  `<item>${Object.entries(words)
    .map(([name, text]) => `<${name}>${text}</${name}>`)
    .join('')}</item>\n`;

export const post = (id: string, content = ''): string =>
  item({ 'content:encoded': `<![CDATA[${content}]]>`, 'wp:post_id': id, 'wp:post_type': 'post' });

export const attachment = (id: string, name: string, parent = '0'): string =>
  item({
    'wp:post_id': id,
    'wp:post_parent': parent,
    'wp:post_type': 'attachment',
    'wp:attachment_url': uploads + name,
  });

export interface Listed {
  readonly name: string | null;
  readonly posts: readonly Post[];
  readonly warnings: readonly string[];
  /** How often something was left out, so that the run does not count as all well. */
  readonly unread: number;
}

export async function listed(target: string): Promise<Listed> {
  const events: Progress[] = [];
  const listing = await openWxr(target, testContext({ report: (event) => void events.push(event) }));
  const posts: Post[] = [];
  try {
    for await (const page of listing.pages(undefined)) posts.push(...page.posts);
  } finally {
    await listing.close?.();
  }
  return {
    name: listing.name,
    posts,
    warnings: events.flatMap((event) => (event.event === 'warning' ? [event.message] : [])),
    unread: events.filter(({ event }) => event === 'unread').length,
  };
}

/** The same of files that are made for it, by their names; the first is the target unless another is named. */
export const listedOf = (
  files: Readonly<Record<string, string | Uint8Array>>,
  target = Object.keys(files)[0]!,
): Promise<Listed> =>
  withTempFolder(async (dir) => {
    for (const [name, body] of Object.entries(files)) await writeFile(join(dir, name), body);
    return listed(join(dir, target));
  });
