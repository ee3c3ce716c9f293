import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Order } from '../src/model.ts';
import { recordsOf } from './helpers/archives.ts';
import { oxbow } from './helpers/cli.ts';
import { type FakeTumblr, withFakeTumblr } from './helpers/fake-tumblr.ts';
import { withTempFolder } from './helpers/temp-folder.ts';
import { postsFrom, wordsFor } from './helpers/tumblr-run.ts';
import { postLines } from './helpers/vaults.ts';

const [posts, limit] = [14, 5];
const pages = Math.ceil((posts - 1) / (limit - 1)); // the last post of a page comes again on the next

/** A run that is killed when it asks for its n-th page. */
async function killedAt(call: number, tumblr: FakeTumblr, words: readonly string[]) {
  const begun = tumblr.calls.length;
  const ran = await oxbow(words, {
    started: (child) => {
      tumblr.beforeCall = (n) => n === begun + call && child.kill('SIGKILL');
    },
  });
  tumblr.beforeCall = () => undefined;
  return ran;
}

const idsIn = (root: string) =>
  new Set(postLines(root).flatMap(({ line, post }) => (line === 'post' ? [post] : [])));

describe.each<Order>(['newest', 'oldest'])('a listing, the %s first', (order) => {
  it.each(Array.from({ length: pages }, (_, n) => n + 1))(
    'that is killed at page %i leaves no hole, though posts come and go before the next',
    (page) =>
      withTempFolder((dir) =>
        withFakeTumblr(postsFrom(0, posts), async (tumblr) => {
          const root = join(dir, 'fern');
          const words = wordsFor(tumblr, root, '--order', order, '-o', `sources.tumblr.limit=${limit}`);
          expect(await killedAt(page, tumblr, words)).toMatchObject({ signal: 'SIGKILL' });
          expect(tumblr.calls).toHaveLength(page);
          tumblr.remove(tumblr.posts[0]!.id, tumblr.posts[6]!.id);
          tumblr.add(...postsFrom(1000, 3));
          const before = tumblr.calls.length;
          const again = await oxbow(words);
          expect(again.code, again.stderr).toBe(0);
          expect([...idsIn(root)]).toEqual(expect.arrayContaining(tumblr.posts.map(({ id }) => id)));
          const kept = recordsOf(root).filter(({ status }) => status === 'kept');
          expect(new Set(kept.map(({ post }) => post))).toEqual(idsIn(root));
          // One page more than all that is left: the newest are asked for once more.
          expect(tumblr.calls.length - before).toBeLessThanOrEqual(pages - (page - 1) + 2);
          if (page < pages) return;
          let calls = 0;
          tumblr.beforeCall = () => void calls++;
          expect((await oxbow(words)).code).toBe(0);
          expect(calls).toBeLessThanOrEqual(2);
        }),
      ),
  );
});
