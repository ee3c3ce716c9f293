import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { behaves } from '../../../src/demo/behaviours.ts';
import { type FakeServer, startServer } from '../../../src/demo/server.ts';
import { tumblr } from '../../../src/sources/tumblr/tumblr.ts';
import { postsOf, testContext, testContract } from '../../helpers/source-suite.ts';

interface Given {
  readonly name: string;
  readonly text: string;
  readonly type: string;
  /** Without a key the older API is asked. */
  readonly hasKey: boolean;
}

const read = (...path: readonly string[]) => readFileSync(join('fixtures', ...path), 'utf8');

const cases: readonly Given[] = [
  ...readdirSync('fixtures/tumblr-posts').map((name) => ({
    name: `API v2, ${name}`,
    text: `{"meta":{"status":200,"msg":"OK"},"response":{"posts":[${read('tumblr-posts', name, 'input.json')}],"total_posts":1}}`,
    type: 'application/json',
    hasKey: true,
  })),
  ...readdirSync('fixtures/tumblr-v1').flatMap((name) =>
    (['json', 'xml'] as const).map((form) => ({
      name: `API v1 in ${form}, ${name}`,
      text: read('tumblr-v1', name, `input.${form}`),
      type: form === 'json' ? 'text/javascript' : 'text/xml',
      hasKey: false,
    })),
  ),
];

/** Every post of the fixtures as a blog of one post, through the whole source: what holds of all listings holds of it. */
describe.each(cases)('$name', ({ text, type, hasKey }) => {
  let server: FakeServer;
  beforeAll(async () => {
    const otherwise = behaves(({ response }) => {
      response.writeHead(200, { 'content-type': type }).end(text);
    });
    server = await startServer({}, { otherwise });
  });
  afterAll(() => server.close());

  const open = () => {
    const settings: Record<string, string> = hasKey
      ? { 'sources.tumblr.api': `${server.url}/v2`, 'sources.tumblr.key': 'k' }
      : { 'sources.tumblr.v1': server.url };
    return tumblr.open('tumblr:fern', testContext({ settings }));
  };

  it('is listed', async () => expect(await postsOf(await open())).toHaveLength(1));
  testContract(open);
});
