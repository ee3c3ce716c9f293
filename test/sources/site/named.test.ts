import { expect, it } from 'vitest';
import { type Behaviour, behaves } from '../../../src/demo/behaviours.ts';
import { openSource } from '../../../src/sources/index.ts';
import { site } from '../../../src/sources/site/site.ts';
import { withFakeBlog } from '../../helpers/fake-blog.ts';
import { testContext } from '../../helpers/source-suite.ts';
import { page, text } from './runs.ts';

const script: Record<string, Behaviour> = {
  '/': page('Home'),
  '/some/deep/post': page('Post'),
  '/some/article': text('<meta property="og:type" content="article"><p>Article'),
  '/docs/': page('Part'),
  '/~ann/me': page('Ann'),
  '/moved': behaves(({ request, response }) => {
    const port = request.headers.host!.split(':')[1];
    response.writeHead(302, { location: `http://localhost:${port}/` }).end();
  }),
};

it.each([
  ['/', []],
  ['/docs/', []],
  ['/~ann/me', ['Only what lies below HOST/~ann/me/ is archived; name HOST/ for all of the site.']],
  [
    '/some/deep/post',
    ['Only what lies below HOST/some/deep/post/ is archived; name HOST/ for all of the site.'],
  ],
  ['/some/article', ['HOST/some/article is an article: all of HOST/ is archived.']],
])('says what of a site is meant by %s', (path, told) =>
  withFakeBlog(script, async ({ url }) => {
    const context = testContext();
    await site.open(`${url}${path}`, context);
    const { port } = new URL(url);
    expect(context.warnings.map((one) => one.replaceAll(url, 'HOST').replace(port, 'PORT'))).toEqual(told);
  }),
);

it('goes to no other host under the name of the first, unless it is told to', () =>
  withFakeBlog(script, async ({ url }) => {
    const moved = `${url}/moved`;
    const told = /leads to another host: name http:\/\/localhost:\d+\/ if that is what you mean/;
    await expect(site.open(moved, testContext())).rejects.toThrow(told);
    await expect(openSource(moved, testContext())).rejects.toThrow(told);
    const settings = { 'sources.site.asIs': 'true' };
    const context = testContext({ settings });
    await site.open(moved, context);
    expect(context.warnings).toEqual([expect.stringContaining('what is archived is http://localhost')]);
  }));
