import { Command } from 'commander';
import { expect, it, vi } from 'vitest';
import { statusCommand } from '../../src/cli/status.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { inRun, numberedItem, postOf, recordOf } from '../helpers/vaults.ts';

/** What `oxbow status` writes, in this process. */
async function told(...words: readonly string[]): Promise<string> {
  const program = new Command();
  statusCommand(program, () => undefined);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await program.parseAsync(['status', ...words], { from: 'user' });
    return write.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    write.mockRestore();
  }
}

it('tells what is gone from the blog, and when a listing of everything has ended, only where that is known', () =>
  withTempFolder(async (root) => {
    const page = (...ids: readonly string[]) => ({
      posts: ids.map((id) => postOf(id)),
      covers: { from: null, to: 9 },
    });
    await inRun(root, ({ posts }) => posts.add('demo', page('p1', 'p2')));
    expect(await told(root)).toMatch(/: 2 posts, 0 media items$/m);
    expect(await told(root)).not.toMatch(/gone from the blog|of everything/);
    await inRun(root, async ({ posts }) => {
      await posts.beginAnew('demo');
      await posts.add('demo', page('p1'));
      await posts.endAnew('demo', { stated: null, isWhole: true });
    });

    const lines = (await told(root)).split('\n');
    expect(lines).toContain('1 post is gone from the blog, not from here');
    expect(lines.find((line) => line.includes('of everything'))).toMatch(
      /^a listing of everything last came to its end on \d{4}-\d\d-\d\d$/,
    );
    expect(JSON.parse(await told(root, '--json'))).toMatchObject({
      posts: 2,
      gonePosts: 1,
      listedToEnd: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  }));

it('tells how many of what is kept may exist larger, apart from what is known to be better', () =>
  withTempFolder(async (root) => {
    const better = { url: numberedItem(1).url };
    await inRun(root, (vault) =>
      vault.record([recordOf(numberedItem(1), { status: 'kept', bestKnown: better })]),
    );
    expect(await told(root)).toMatch(/^ +1 {2}of these are not the best that is known$/m);
    const page = { url: 'http://blog.example/page' };
    await inRun(root, (vault) =>
      vault.record([recordOf(numberedItem(2), { status: 'kept', bestKnown: page })]),
    );
    expect(await told(root)).toMatch(
      /^ +2 {2}of these are not the best that is known; 1 may exist larger: a later run asks$/m,
    );
    expect(JSON.parse(await told(root, '--json'))).toMatchObject({ lesser: 2, reduced: 1 });
  }));
