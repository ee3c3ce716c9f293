import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkCredential } from '../../src/cli/credential-check.ts';
import { credentialKind } from '../../src/cli/credential-table.ts';
import { behaves, fails, redirects, serves, servesHtml } from '../../src/demo/behaviours.ts';
import { AuthError, SourceError, UsageError } from '../../src/errors.ts';
import { quick } from '../helpers/archives.ts';
import { oxbow } from '../helpers/cli.ts';
import { withFakeBlog } from '../helpers/fake-blog.ts';
import { withTempFolder } from '../helpers/temp-folder.ts';

const good = 'GoodKeyOfFernWhichIsFiftyLettersLongAsTheyAllAre50';
const bad = 'CanaryOfAKeyThatNobodyKnowsAndThatNobodyMayEverSee';
const path = '/v2/blog/staff/info';

/** Tumblr, as far as it tells whether a key is good. */
const judges = behaves(({ request, response }) => {
  const known = new URL(request.url!, 'http://x').searchParams.get('api_key') === good;
  const meta = known ? { status: 200, msg: 'OK' } : { status: 401, msg: 'Unauthorized' };
  response.writeHead(meta.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ meta, response: known ? { blog: { name: 'staff' } } : [] }));
});

/** All that lies below a folder, as one text. */
const everythingIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.name}\n${readFileSync(join(entry.parentPath, entry.name), 'latin1')}`)
    .join('\n');

describe('oxbow auth tumblr', () => {
  it('tests a key, stores it for its owner alone, lists it masked, and forgets it', () =>
    withTempFolder((cwd) =>
      withFakeBlog({ [path]: judges }, async ({ url, requests }) => {
        const env = { XDG_CONFIG_HOME: cwd };
        const at = ['-o', `sources.tumblr.api=${url}/v2`];
        const taken = await oxbow(['auth', 'tumblr', '--json', ...at], {
          cwd,
          env,
          input: `${good}\nmore\n`,
        });
        const file = join(cwd, 'oxbow', 'credentials.json');
        expect(taken.code, taken.stderr).toBe(0);
        expect(JSON.parse(taken.stdout)).toMatchObject({ stored: true, tested: true, path: file });
        expect(requests.map((asked) => asked.path)).toEqual([`${path}?api_key=${good}`]);
        expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
          settings: { 'sources.tumblr.key': good },
        });
        expect(statSync(file).mode & 0o777).toBe(0o600);
        const listed = await oxbow(['auth'], { cwd, env });
        expect(listed.stdout).toContain(`tumblr: key …re50 stored in ${file}\n`);
        expect((await oxbow(['auth', 'tumblr', '--forget'], { cwd, env })).code).toBe(0);
        expect(everythingIn(cwd)).not.toContain(good);
      }),
    ));

  it('stores nothing that is refused, and repeats it nowhere', () =>
    withTempFolder((cwd) =>
      withFakeBlog({ [path]: judges }, async ({ url, requests }) => {
        const words = ['auth', 'tumblr', '-o', `sources.tumblr.api=${url}/v2`];
        const ran = await oxbow(words, { cwd, env: { XDG_CONFIG_HOME: cwd }, input: bad });
        expect(requests).toHaveLength(1);
        expect(ran.code).toBe(5);
        expect(ran.stderr).toMatch(/^oxbow: .* refuses this API key \(status 401\); nothing was stored/);
        expect(`${ran.stdout}${ran.stderr}${everythingIn(cwd)}`).not.toMatch(/Canary|NobodyMayEverSee/i);
        expect(existsSync(join(cwd, 'oxbow'))).toBe(false);
      }),
    ));

  it('takes no key from an argument, and none that is not asked about unless told so', () =>
    withTempFolder(async (cwd) => {
      const env = { XDG_CONFIG_HOME: cwd };
      const argument = await oxbow(['auth', 'tumblr', '-o', `sources.tumblr.key=${bad}`], { cwd, env });
      expect(argument).toMatchObject({ code: 2, stderr: expect.stringContaining('could read it') });
      expect(argument.stderr).not.toContain(bad);
      const forgetful = await oxbow(['auth', '--forget'], { cwd, env });
      expect(forgetful).toMatchObject({ code: 2, stderr: expect.stringContaining('which key') });
      const nobody = ['auth', 'tumblr', '-o', 'sources.tumblr.api=http://127.0.0.1:1'];
      const untested = await oxbow(nobody, { cwd, env, input: bad });
      expect(untested).toMatchObject({ code: 3, stderr: expect.stringContaining('--no-check stores it') });
      expect(`${untested.stderr}${everythingIn(cwd)}`).not.toContain(bad);
      expect((await oxbow([...nobody, '--no-check'], { cwd, env, input: bad })).code).toBe(0);
      expect(everythingIn(cwd)).toContain(bad);
    }));
});

describe('a key is', () => {
  const kind = credentialKind('tumblr');
  const check = (url: string) =>
    checkCredential(kind, bad, { ...quick, retries: 0, settings: { 'sources.tumblr.api': url } });

  it.each([
    ['refused by 401', fails(401), AuthError],
    ['refused by 403', fails(403), AuthError],
    ['not judged by a server in trouble', fails(503), SourceError],
    ['not judged by a page that anybody may have sent', servesHtml('<p>Welcome to the hotel'), SourceError],
    ['not judged by JSON of another kind', serves('{"meta":{"status":401}}'), SourceError],
    ['not judged by a body without an end', serves(`"${'x'.repeat(2 ** 21)}`), SourceError],
  ])('%s', (_what, behaviour, expected) =>
    withFakeBlog(
      {},
      async ({ url, requests }) => {
        const error = await check(url).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(expected);
        expect((error as Error).message).not.toContain(bad);
        expect(requests).toHaveLength(1);
      },
      { otherwise: behaviour },
    ),
  );

  it('not judged by whoever a redirect leads to', () =>
    withFakeBlog({}, (elsewhere) =>
      withFakeBlog(
        {},
        async ({ url }) => {
          await expect(check(url)).rejects.toThrow('redirected to');
          expect(elsewhere.requests).toEqual([]);
        },
        { otherwise: redirects(`${elsewhere.url}/`) },
      ),
    ));

  it('not asked about at an address that is none', async () => {
    await expect(check('gopher://x')).rejects.toThrow(UsageError);
    await expect(check('http://u:p@x')).rejects.toThrow(
      'sources.tumblr.api: it takes an http or https address',
    );
  });
});

it('a source that takes no key is named, with the nearest that does', () => {
  expect(() => credentialKind('tumbler')).toThrow("No source 'tumbler' takes a key; did you mean 'tumblr'?");
  expect(() => credentialKind('blogspot')).toThrow(/these do: (?:\w+, )*tumblr/);
});
