import { describe, expect, it } from 'vitest';
import { AuthError, QuotaError, SourceError } from '../../../src/errors.ts';
import { type Interval, united } from '../../../src/intervals.ts';
import type { Order, Post } from '../../../src/model.ts';
import { walk } from '../../../src/sources/timeline.ts';
import { v1Timeline } from '../../../src/sources/tumblr/v1.ts';
import type { V1Way } from '../../../src/sources/tumblr/v1-ask.ts';
import { cappedWarnings } from '../../../src/sources/warnings.ts';
import {
  asksToWait,
  type FakeV1,
  isGone,
  isNoBlog,
  leadsToLogin,
  type Misbehaves,
  type Reply,
  says,
  showsPage,
  v1Posts,
  withFakeV1,
} from '../../helpers/fake-tumblr-v1.ts';
import { testContext } from '../../helpers/source-suite.ts';

type Given = Partial<Pick<V1Way, 'json' | 'tag' | 'id' | 'largest'>> & { readonly order?: Order };

async function list(base: string, { order = 'newest', ...way }: Given = {}, context = testContext()) {
  const warnings = cappedWarnings(context.report, 'the blog');
  const posts: Post[] = [];
  const totals = new Set<number | undefined>();
  const left: string[] = [];
  const covers: Interval[] = [];
  const how = { order, covered: [], leaveOut: (why: string) => void left.push(why) };
  for await (const page of walk(v1Timeline(base, { context, warnings, ...way }), how)) {
    posts.push(...page.posts);
    totals.add(page.total);
    if (page.covers) covers.push(page.covers);
  }
  return {
    posts,
    covers: united(covers),
    ids: posts.map(({ id }) => id),
    totals: [...totals],
    warnings: context.warnings,
    left,
  };
}

const formsOf = ({ calls }: FakeV1) => calls.map(({ form }) => form);
const orders = ['newest', 'oldest'] as const;

it.each(orders.flatMap((order) => [true, false].map((json) => ({ order, json }))))(
  'lists all posts once, $order first, in JSON: $json',
  async ({ order, json }) => {
    await withFakeV1(v1Posts(230), async ({ base, posts, calls }) => {
      const found = await list(base, { order, json });
      const ids = posts.map(({ id }) => id);
      expect(found).toMatchObject({
        ids: order === 'newest' ? ids : ids.reverse(),
        totals: [230],
        warnings: [],
      });
      expect(calls.length).toBeLessThanOrEqual(7);
      expect(calls.every(({ query }) => query.get('num') === '50')).toBe(true);
    });
  },
);

it('gives the same posts in either form', async () => {
  await withFakeV1(v1Posts(60), async ({ base }) => {
    const [json, xml] = [await list(base, { json: true }), await list(base, { json: false })];
    const essence = ({ raw: _, ...post }: Post) => post;
    expect(xml.posts.map(essence)).toEqual(json.posts.map(essence));
  });
});

it('lists the posts of one tag, or one post alone', async () => {
  await withFakeV1(v1Posts(230), async ({ base, posts, calls }) => {
    const wanted = posts.filter((_, nth) => nth % 5 === 0).map(({ id }) => id);
    expect((await list(base, { tag: 'moss' })).ids).toEqual(wanted);
    expect((await list(base, { id: posts[77]!.id })).ids).toEqual([posts[77]!.id]);
    expect(calls.at(-1)!.query.has('start')).toBe(false);
    await expect(list(base, { id: '1' })).rejects.toThrow(/or has no such post: it shows none/);
  });
});

it.each(orders)(
  'G10 lists all that is there throughout while others come and go, %s first',
  async (order) => {
    const changes: Misbehaves = (nth) => {
      if (nth % 3 === 1) open!.posts.splice(order === 'newest' ? 0 : open!.posts.length - 90, 7);
      if (nth % 3 === 2) open!.posts.splice(3, 0, { ...open!.posts[3]!, id: `9${nth}` });
      return undefined;
    };
    let open: FakeV1 | undefined;
    await withFakeV1(
      v1Posts(400),
      async (blog) => {
        open = blog;
        const { ids, warnings } = await list(blog.base, { order });
        const lasting = blog.posts.filter(({ id }) => !id.startsWith('9')).map(({ id }) => id);
        expect(lasting.filter((id) => !ids.includes(id))).toEqual([]);
        expect(lasting.length).toBeLessThan(400);
        expect(warnings).toEqual([]);
      },
      changes,
    );
  },
);

it('G17 lists a blog without posts', async () => {
  await withFakeV1([], async ({ base, calls }) => {
    expect(await list(base)).toMatchObject({ ids: [], warnings: [], totals: [0] });
    expect(calls.length).toBe(1);
  });
});

describe('the form', () => {
  it.each<[string, Reply]>([
    ['a web page', showsPage],
    ['404', isGone],
    ['nothing', says(200)],
    ['half of it', says(200, '{"tumblelog":{"name":"x"},"posts":[{"id":1},')],
    ['an error', says(200, '{"error":"down for a while"}')],
  ])('is XML where JSON is answered with %s, and stays so', async (_, reply) => {
    const noJson: Misbehaves = (_nth, { form }) => (form === 'json' ? reply : undefined);
    await withFakeV1(
      v1Posts(120),
      async (blog) => {
        expect((await list(blog.base)).ids.length).toBe(120);
        expect(formsOf(blog)).toEqual(['json', 'xml', 'xml', 'xml']);
      },
      noJson,
    );
  });

  it('stays JSON once posts came in it, whatever comes later', async () => {
    await withFakeV1(
      v1Posts(120),
      async (blog) => {
        expect((await list(blog.base)).ids.length).toBe(120);
        expect(formsOf(blog)).toEqual(['json', 'json', 'json', 'json']);
      },
      (nth) => (nth === 1 ? showsPage : undefined),
    );
  });
});

const always =
  (reply: Reply): Misbehaves =>
  () =>
    reply;

async function refused(misbehaves: Misbehaves, way: Given = {}) {
  return withFakeV1(
    v1Posts(3),
    async (blog) => {
      const error: unknown = await list(blog.base, way).catch((error) => error);
      return { error: error as Error, calls: formsOf(blog) };
    },
    misbehaves,
  );
}

describe('a blog that cannot be listed', () => {
  it.each<[string, Reply]>([
    ['404', isGone],
    ['410', says(410)],
    ['no name and no posts', isNoBlog],
  ])('is gone by %s', async (_, reply) => {
    const { error, calls } = await refused(always(reply));
    expect(error).toBeInstanceOf(SourceError);
    expect(error.message).toMatch(
      /^127\.0\.0\.1:\d+ is gone, or has another name now: .* wayback:127\.0\.0\.1:\d+\.$/,
    );
    expect(calls.length).toBeLessThanOrEqual(2);
  });

  it.each<[string, Reply, RegExp]>([
    ['leads to a login', leadsToLogin, /can only be seen within the dashboard/],
    ['answers 401', says(401), /refuses to show its posts: its server answers 401/],
    ['answers 403', says(403), /refuses to show its posts: its server answers 403/],
  ])('G18 %s', async (_, reply, sentence) => {
    const { error, calls } = await refused(always(reply));
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain('sources.tumblr.key');
    expect(calls).toEqual(['json']);
  });

  it.each<[string, Reply, RegExp]>([
    ['a web page', showsPage, /answers with a web page \(text\/html\)/],
    ['nothing', says(200), /what its server answers is/],
    ['an error', says(200, '{"error":"down"}'), /what its server answers (is not XML|has no list of posts)/],
    [
      'no posts where there are some',
      says(200, '{"tumblelog":{"name":"a"},"posts-total":3,"posts":[]}'),
      /./,
    ],
  ])(
    'G16 is asked for once more where it answers with %s, and is no empty blog',
    async (_, reply, sentence) => {
      for (const json of [undefined, true, false]) {
        const { error, calls } = await refused(always(reply), { ...(json !== undefined && { json }) });
        expect(error).toBeInstanceOf(SourceError);
        expect(error).not.toBeInstanceOf(AuthError);
        expect(error.message).toMatch(/cannot be listed: /);
        if (json !== true) expect(error.message).toMatch(sentence);
        expect(calls).toEqual(
          json === undefined ? ['json', 'xml'] : json ? ['json', 'json'] : ['xml', 'xml'],
        );
      }
    },
  );

  it('is not asked for again where its server is out of order', async () => {
    const { error, calls } = await refused(always(says(500)));
    expect(error.message).toMatch(/cannot be listed: its server answers 500\.$/);
    expect(calls).toEqual(['json']);
  });

  it('says when to come back after 429, without asking again', async () => {
    for (const [wait, seconds] of [
      [90, 90],
      [undefined, 3600],
    ] as const) {
      const asked = Date.now();
      const { error, calls } = await refused(always(asksToWait(wait)));
      expect(error).toBeInstanceOf(QuotaError);
      const late = Date.parse((error as QuotaError).resumes) - asked - seconds * 1000;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
      expect(calls.length).toBe(1);
    }
  });
});

it.each<[string, Reply]>([
  ['a web page', showsPage],
  ['404', isGone],
  ['a login', leadsToLogin],
  ['403', says(403)],
  ['429', asksToWait()],
  ['500', says(500)],
  ['the same posts again', says(200, `{"posts":${JSON.stringify(v1Posts(50))}}`)],
])('X07 tells no secret of the address when it is answered with %s', async (_, reply) => {
  await withFakeV1(
    [],
    async ({ base, calls }) => {
      const context = testContext();
      const told = await list(base.replace('//', '//CANARY:CANARY@'), {}, context).then(
        ({ left }) => left,
        ({ message, url }: SourceError) => [message, url],
      );
      expect(told.length).toBeGreaterThan(0);
      expect(calls.length).toBeGreaterThan(0);
      expect(JSON.stringify([told, context.warnings])).not.toMatch(/CANARY/);
    },
    always(reply),
  );
});

describe('what is hostile', () => {
  const json = (posts: string) => says(200, `{"tumblelog":{"name":"a"},"posts-total":1,"posts":${posts}}`);
  const xml = (posts: string, before = '') =>
    says(200, `${before}<tumblr><tumblelog name="a"/><posts total="1">${posts}</posts></tumblr>`, 'text/xml');

  it('takes no moment ahead of our time for what is listed', async () => {
    const posts = v1Posts(120).map((post, n) =>
      n % 60 === 3 ? { ...post, 'unix-timestamp': 95_617_584_000 } : post,
    );
    await withFakeV1(posts, async ({ base }) => {
      const { ids, covers } = await list(base, {});
      expect([...ids].sort()).toEqual(posts.map(({ id }) => id).sort());
      expect(covers.at(-1)!.to).toBeLessThan(1_800_000_000);
    });
  });

  it('G07 skips what is no post, and lists the others', async () => {
    const reply = json('[null, 1, [], {"type":"photo"}, {"id":"5"}, {"id":6,"unix-timestamp":"1577934245"}]');
    await withFakeV1(
      [],
      async ({ base }) => {
        const { ids, warnings } = await list(base);
        expect(ids).toEqual(['5', '6']);
        expect(warnings.map((text) => text.replace(/^\S+ /, ''))).toEqual([
          'post 1 is not an object; it is skipped.',
          'post 2 is not an object; it is skipped.',
          'post 3 is not an object; it is skipped.',
          'post 4 has no id; it is skipped.',
        ]);
      },
      always(reply),
    );
  });

  it.each<[string, string]>([
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"x"'],
    ['an object', '{}'],
  ])('G07 takes %s in place of the list of posts for no list', async (_, text) => {
    expect((await refused(always(json(text)), { json: true })).error.message).toMatch(/has no list of posts/);
  });

  it('G04 refuses JSON that is nested too deeply', async () => {
    const deep = `[{"id":1,"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}]`;
    expect((await refused(always(json(deep)), { json: true })).error.message).toMatch(
      /nested deeper than 200 levels/,
    );
  });

  it('G03 refuses XML that is nested too deeply, or has too many elements', async () => {
    const deep = xml(`<post id="1">${'<a>'.repeat(200_000)}</post>`);
    expect((await refused(always(deep), { json: false })).error.message).toMatch(
      /nested deeper than 32 levels/,
    );
    const many = xml(`<post id="1">${'<a/>'.repeat(200_000)}</post>`);
    expect((await refused(always(many), { json: false })).error.message).toMatch(/more elements and/);
    const wide = xml(`<post id="1" ${Array.from({ length: 110_000 }, (_, n) => `a${n}=""`).join(' ')}/>`);
    expect((await refused(always(wide), { json: false })).error.message).toMatch(/more elements and/);
  });

  it('G01 G02 expands no entity of its own, and opens none from elsewhere', async () => {
    const entities = Array.from(
      { length: 9 },
      (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`,
    ).join('');
    const bomb = `<?xml version="1.0"?><!DOCTYPE t [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">${entities}]>`;
    const reply = xml('<post id="1"><regular-body>&e9;&f;&#33;</regular-body></post>', bomb);
    await withFakeV1(
      [],
      async ({ base }) => {
        const [post] = (await list(base, { json: false })).posts;
        expect(post!.raw).toEqual({ id: '1', 'regular-body': '&e9;&f;!' });
      },
      always(reply),
    );
  });

  it('G13 replaces what is no UTF-8, and says so once', async () => {
    const bytes = Buffer.from(
      '{"tumblelog":{"name":"a"},"posts":[{"id":"1","regular-title":"M\xf6we"}]}',
      'latin1',
    );
    await withFakeV1(
      [],
      async ({ base }) => {
        const { posts, warnings } = await list(base);
        expect(posts[0]!.raw).toMatchObject({ 'regular-title': 'M\ufffdwe' });
        expect(warnings).toEqual([expect.stringMatching(/is not all UTF-8/)]);
      },
      always(says(200, bytes)),
    );
  });

  it('G05 refuses an answer that is larger than the cap', async () => {
    const reply = json(`[{"id":1,"regular-body":"${'x'.repeat(50_000)}"}]`);
    expect((await refused(always(reply), { json: true, largest: 50_000 })).error.message).toMatch(
      /is larger than 50,000 bytes/,
    );
    expect((await refused(always(reply), { json: true, largest: 60_000 })).error).not.toBeInstanceOf(Error);
  });

  it('G09 ends a listing that shows the same posts again', async () => {
    const same = v1Posts(50);
    const reply = json(JSON.stringify(same));
    await withFakeV1(
      [],
      async ({ base, calls }) => {
        const { left } = await list(base);
        expect(left).toEqual([expect.stringMatching(/the listing does not move on behind its first/)]);
        expect(calls.length).toBeLessThan(30);
      },
      always(reply),
    );
  });
});
