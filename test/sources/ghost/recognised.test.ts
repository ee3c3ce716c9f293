import { expect, it } from 'vitest';
import { ghost } from '../../../src/sources/ghost/ghost.ts';
import { lookAt } from '../../../src/sources/sight.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { fakeKey, send, withGhost } from './fake-ghost.ts';

it('knows a blog by any of its pages, and leaves others alone', async () => {
  await withGhost(async (blog) => {
    const context = testContext();
    const seen = await ghost.recognises!(await lookAt(`${blog.url}/2024/some/post/`, context), context);
    expect(seen).toEqual({ why: expect.stringMatching(/Content API/), target: `ghost:${blog.url}/` });
    blog.before = ({ path }, response) =>
      !path.startsWith('/ghost') &&
      send(response, 200, { 'content-type': 'text/html' }, '<meta name=generator content="Ghost 5.1">');
    const sight = await lookAt(`${blog.url}/`, context);
    expect(await ghost.recognises!(sight, context)).toBeUndefined();
    const own = testContext({ settings: { 'sources.ghost.key': fakeKey } });
    expect(await ghost.recognises!(sight, own)).toBeUndefined(); // whoever says to be Ghost would get the key
    expect(await ghost.open(`ghost:${blog.url}`, own)).toMatchObject({ listedAs: `${blog.url}/` });
    const api = { ...own.settings, 'sources.ghost.api': `${blog.url}/ghost/api/content` };
    expect(await ghost.recognises!(sight, testContext({ settings: api }))).toBeDefined();
    await expect(ghost.open(`ghost:${blog.url}`, context)).rejects.toThrow(/names no key/);
  });
});

it('does not trust what a page calls its site', async () => {
  await withGhost(async (blog) => {
    blog.before = ({ path }, response) =>
      path === '/' &&
      send(
        response,
        200,
        { 'content-type': 'text/html' },
        `<script data-key="${fakeKey}" data-ghost="http://10.0.0.1/" data-api="${blog.url}/ghost/api/content"></script>`,
      );
    const context = testContext();
    const sight = await lookAt(`${blog.url}/`, context);
    const found = await ghost.recognises!(sight, context);
    const listing = await ghost.open(found!.target, context, sight);
    expect(listing.trusted).toEqual([`${blog.url}/`]);
  });
});

it('gives a key of ones own to no other host that a page names', async () => {
  await withGhost(async (other) => {
    await withGhost(async (blog) => {
      const page = `<script data-ghost="${other.url.replace('127.0.0.1', 'localhost')}/"></script>`;
      blog.before = (_, response) => send(response, 200, { 'content-type': 'text/html' }, page);
      const settings = { 'sources.ghost.key': 'f00dfeedf00d' };
      const opening = ghost.open(`ghost:${blog.url}/`, testContext({ settings }));
      await expect(opening).rejects.toThrow(/names no key/);
      expect(other.calls).toEqual([]);
    });
  });
});

it('does not list the site of a setting in the place of another that was named', async () => {
  await withGhost(async (other) => {
    await withGhost(async (blog) => {
      const settings = {
        'sources.ghost.api': `${other.url}/ghost/api/content`,
        'sources.ghost.key': 'f00dfeedf00d',
      };
      const context = testContext({ settings });
      const sight = await lookAt(`${blog.url}/`, context);
      expect(await ghost.recognises!(sight, context)).toMatchObject({ target: `ghost:${blog.url}/` });
      blog.before = (_, response) =>
        send(response, 200, { 'content-type': 'text/html' }, '<p>Another kind of blog</p>');
      expect(await ghost.recognises!(await lookAt(`${blog.url}/`, context), context)).toBeUndefined();
      expect(other.calls).toEqual([]);
    });
  });
});
