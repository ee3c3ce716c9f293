import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCredentials } from '../../src/net/credentials.ts';
import { answers, sendsTo } from '../helpers/answers.ts';
import { withRawServer } from '../helpers/raw-server.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';
import { withHttp } from './with-http.ts';

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

interface Case {
  readonly header?: readonly string[];
  readonly netrc?: string;
  readonly cookies?: string;
  readonly owners?: readonly string[];
}

/** What would be sent to an address. */
async function withCredentials(
  { header = [], netrc, cookies, owners = [] }: Case,
  run: (
    headersFor: (url: string, downgraded?: boolean) => Promise<Readonly<Record<string, string>>>,
    learn: (url: string, line: string) => void,
  ) => Promise<void>,
): Promise<void> {
  await withTempFolder(async (dir) => {
    const file = async (name: string, text: string | undefined) => {
      if (text === undefined) return null;
      await writeFile(join(dir, name), text);
      return join(dir, name);
    };
    const options = { header, netrc: await file('netrc', netrc), cookies: await file('cookies', cookies) };
    const credentials = openCredentials(options, new Set(owners));
    await run(
      (url, downgraded = false) => credentials.headersFor(new URL(url), { downgraded }),
      (url, line) => credentials.learn(new URL(url), [line]),
    );
  });
}

describe('headers of the options', () => {
  test('go to the origins that the user gave; with an origin before them, to exactly that one', async () => {
    const header = [
      'X-Key: own',
      'https://cdn.example:8443/ X-Key: cdn: 2',
      'http://blog.example x-other: plain',
    ];
    await withCredentials({ header, owners: ['https://blog.example'] }, async (headersFor) => {
      expect(await headersFor('https://blog.example/a')).toEqual({ 'x-key': 'own' });
      expect(await headersFor('http://blog.example/a')).toEqual({ 'x-other': 'plain' });
      expect(await headersFor('https://cdn.example:8443/a')).toEqual({ 'x-key': 'cdn: 2' });
      for (const other of ['https://cdn.example/', 'http://cdn.example:8443/', 'https://a.blog.example/'])
        expect(await headersFor(other)).toEqual({});
    });
  });
});

describe('netrc', () => {
  const netrc = 'machine blog.example login me password a:b\ndefault login any password one';

  test('goes to the hosts it names, at usual ports; its default only to those that the user gave', async () => {
    await withCredentials({ netrc, owners: ['http://own.example:8080'] }, async (headersFor) => {
      const login = { authorization: basic('me:a:b') };
      expect(await headersFor('https://blog.example/')).toEqual(login);
      expect(await headersFor('http://blog.example/')).toEqual(login);
      expect(await headersFor('https://blog.example:8443/')).toEqual({});
      expect(await headersFor('https://sub.blog.example/')).toEqual({});
      expect(await headersFor('https://elsewhere.example/')).toEqual({});
      expect(await headersFor('http://own.example:8080/')).toEqual({ authorization: basic('any:one') });
    });
  });

  test('stays off an open line once a hop went over TLS', async () => {
    await withCredentials({ netrc }, async (headersFor) =>
      expect(await headersFor('http://blog.example/', true)).toEqual({}),
    );
  });

  test('gives way to a header that was given', async () => {
    const given = { netrc, header: ['https://blog.example Authorization: Bearer x'] };
    await withCredentials(given, async (headersFor) =>
      expect(await headersFor('https://blog.example/')).toEqual({ authorization: 'Bearer x' }),
    );
  });

  test('that is faulty, or not there, is told with its file and line', () => {
    const open = (netrc: string) => () => openCredentials({ header: [], netrc, cookies: null }, new Set());
    expect(open('/nowhere/netrc')).toThrow(/--netrc.*nowhere/);
  });
});

describe('cookies', () => {
  const far = 4_000_000_000;
  const cookies = [
    '# Netscape HTTP Cookie File',
    `.blog.example\tTRUE\t/\tFALSE\t${far}\tall\t1`,
    `blog.example\tFALSE\t/\tTRUE\t0\tsecure\t2`,
    `#HttpOnly_blog.example\tFALSE\t/posts\tFALSE\t${far}\tposts\t3`,
    `blog.example\tFALSE\t/\tFALSE\t1000\told\t4`,
    `127.0.0.1\tFALSE\t/\tFALSE\t0\tlocal\t5`,
    '',
  ].join('\n');

  test('of the file go where they belong, by domain, path and scheme', async () => {
    await withCredentials({ cookies }, async (headersFor) => {
      expect(await headersFor('https://blog.example/')).toEqual({ cookie: 'all=1; secure=2' });
      expect(await headersFor('http://blog.example/posts/1')).toEqual({ cookie: 'posts=3; all=1' });
      expect(await headersFor('https://sub.blog.example/')).toEqual({ cookie: 'all=1' });
      for (const other of ['https://example/', 'https://myblog.example/', 'https://blog.example:8443/'])
        expect(await headersFor(other)).toEqual({});
      expect(await headersFor('http://blog.example/', true)).toEqual({});
    });
  });

  test('that an answer sets are sent back, each port with a jar of its own', async () => {
    await withCredentials({ cookies, owners: ['http://127.0.0.1:8080'] }, async (headersFor, learn) => {
      expect(await headersFor('http://127.0.0.1:8080/')).toEqual({ cookie: 'local=5' });
      learn('http://127.0.0.1:8080/', 'new=6; Path=/');
      learn('http://127.0.0.1:8080/', 'foreign=7; Domain=other.example');
      expect(await headersFor('http://127.0.0.1:8080/')).toEqual({ cookie: 'local=5; new=6' });
      expect(await headersFor('http://127.0.0.1/')).toEqual({ cookie: 'local=5' });
      expect(await headersFor('http://127.0.0.1:8081/')).toEqual({});
    });
  });

  test('join those of a header', async () => {
    const header = ['https://blog.example Cookie: given=0'];
    await withCredentials({ cookies, header }, async (headersFor) =>
      expect(await headersFor('https://blog.example/')).toEqual({ cookie: 'given=0; all=1; secure=2' }),
    );
  });

  test('of a faulty file are told by its line, and not repeated', async () => {
    const faulty = withCredentials({ cookies: `${cookies}blog.example canary` }, async () => undefined);
    await expect(faulty).rejects.toThrow(/cookies, line 7: it is not a cookie/);
    await expect(faulty).rejects.not.toThrow(/canary/);
  });
});

describe('X06 on the wire', () => {
  const to = (location: string) => sendsTo(location, { 'Set-Cookie': 'learnt=canary' });

  test('user and password of an address go to its origin and to no other, and are not told', async () => {
    await withRawServer(answers(200, {}, 'there'), (second) =>
      withRawServer({ '/': to('/b'), '/b': to(second.url) }, (first) =>
        withHttp({}, async (http) => {
          const address = first.url.replace('//', '//us%65r:can%61ry@');
          const { url, body } = await http.ask(address, {
            headers: { range: 'bytes=5-', 'x-api-key': 'canary' },
          });
          body.destroy();
          expect(url).toBe(`${second.url}/`);
          const login = `authorization: ${basic('user:canary')}`;
          for (const { head } of first.heard) expect(head).toContain(login);
          expect(first.heard).toHaveLength(2);
          expect(second.heard).toHaveLength(1);
          expect(second.heard[0]!.head).toContain('range: bytes=5-');
          expect(second.heard[0]!.head).not.toMatch(/canary|authorization|cookie|x-api-key/i);
        }),
      ),
    );
  });

  test('a header of the options, netrc and cookies stay with their own port', async () => {
    await withTempFolder(async (dir) => {
      await writeFile(join(dir, 'netrc'), 'machine 127.0.0.1 login me password canary');
      await writeFile(join(dir, 'cookies'), '127.0.0.1\tFALSE\t/\tFALSE\t0\tc\tcanary\n');
      const files = {
        netrc: join(dir, 'netrc'),
        cookies: join(dir, 'cookies'),
        header: ['X-Api-Key: canary'],
      };
      await withRawServer(answers(200, {}, 'there'), (second) =>
        withRawServer({ '/': to('/b'), '/b': to(second.url) }, (first) =>
          withHttp(files, async (http) => {
            http.trust([first.url]);
            (await http.ask(first.url)).body.destroy();
            expect(first.heard[0]!.head).toMatch(/authorization: Basic/);
            expect(first.heard[0]!.head).toMatch(/x-api-key: canary/);
            expect(first.heard[0]!.head).toMatch(/cookie: c=canary$/m);
            expect(first.heard[1]!.head).toMatch(/cookie: c=canary; learnt=canary$/m);
            expect(second.heard).toHaveLength(1);
            expect(second.heard[0]!.head).not.toMatch(/canary|authorization|cookie|x-api-key/i);
          }),
        ),
      );
    });
  });
});
