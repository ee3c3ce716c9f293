import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { mastodon } from '../../../src/sources/mastodon/mastodon.ts';
import { unwrapped } from '../../../src/sources/mastodon/media.ts';
import { readSettings } from '../../../src/sources/mastodon/settings.ts';
import { bareNameAt, inWords, placeAt, readTarget } from '../../../src/sources/mastodon/target.ts';

describe('a target', () => {
  it.each([
    ['@fern@m.example', 'https://m.example', 'fern', 'm.example', null],
    ['mastodon:fern@M.example', 'https://m.example', 'fern', 'm.example', null],
    ['mastodon:@Fern.moss@m.example:8443', 'https://m.example:8443', 'Fern.moss', 'm.example:8443', null],
    ['@fern@größe.example', 'https://xn--gre-6ka8i.example', 'fern', 'xn--gre-6ka8i.example', null],
    ['https://m.example/@fern', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@fern/', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@fern.rss', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@fern/with_replies', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@fern/media?x=1#y', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/web/@fern', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/users/fern', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/users/fern/outbox', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/profile/fern', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@reed@pond.example', 'https://pond.example', 'reed', 'pond.example', null],
    ['https://m.example/@fern@m.example', 'https://m.example', 'fern', 'm.example', null],
    ['https://m.example/@fern/112392', 'https://m.example', 'fern', 'm.example', '112392'],
    ['https://m.example/@reed@pond.example/112392', 'https://m.example', 'reed', 'm.example', '112392'],
    ['https://m.example/users/fern/statuses/112392', 'https://m.example', 'fern', 'm.example', '112392'],
    ['https://g.example/@fern/statuses/01HX3S9', 'https://g.example', 'fern', 'g.example', '01HX3S9'],
    ['https://p.example/notice/Ahhu1', 'https://p.example', null, 'p.example', 'Ahhu1'],
    ['https://k.example/notes/9sy6p9rca7', 'https://k.example', null, 'k.example', '9sy6p9rca7'],
    ['https://x.example/p/fern/4711', 'https://x.example', null, 'x.example', '4711'],
  ])('%s is read', (target, base, user, domain, post) => {
    expect(readTarget(target)).toMatchObject({ base, user, domain, post });
  });

  it.each([
    'fern',
    '@fern',
    '@fern@',
    '@@m.example',
    '@fern@m.example/x',
    '@fern@m.example?x',
    'https://m.example/',
    'https://m.example/about',
    'https://m.example/@',
    'https://m.example/@fe%2Frn',
    'https://m.example/@%E0%A4%A',
    `@${'f'.repeat(100_000)}@m.example`,
    `https://m.example/@${'f@'.repeat(50_000)}`,
  ])('%.60s is refused', (target) => {
    expect(() => readTarget(`mastodon:${target}`)).toThrow(UsageError);
    expect(mastodon.nameOf!(`mastodon:${target}`)).toBeNull();
  });

  it('is claimed by its form alone where that leaves no doubt', () => {
    for (const target of ['@fern@m.example', 'mastodon:fern@m.example'])
      expect(mastodon.claims(target)).toBe(true);
    for (const target of [
      'https://m.example/@fern',
      'fern@m.example',
      '@fern',
      '@fern@moss',
      'a/@b@c.example',
    ])
      expect(mastodon.claims(target)).toBe(false);
  });

  it('gives a name that any folder can have, and words for sentences', () => {
    expect(mastodon.nameOf!('@Fern@M.example:8443')).toBe('fern@m.example_8443');
    expect(inWords(readTarget('@fern@m.example'))).toBe('@fern@m.example');
    expect(inWords(readTarget('https://m.example/@fern/12'))).toBe("the post '12' on m.example");
    expect(bareNameAt('https://x.example/fern')).toMatchObject({ user: 'fern', base: 'https://x.example' });
    expect(bareNameAt('https://x.example/fern/more')).toBeUndefined();
    expect(placeAt('nonsense')).toBeUndefined();
  });
});

describe('a token', () => {
  const given = (token: string) => readSettings({ 'sources.mastodon.token': token }).tokens;

  it('is told with its host, several by commas', () => {
    expect([...given('M.example=abc=, g.example:8443=x-y_z')]).toEqual([
      ['m.example', 'abc='],
      ['g.example:8443', 'x-y_z'],
    ]);
    expect(given('').size).toBe(0);
  });

  it.each(['CANARY', '=CANARY', 'm.example=', 'https://m.example=CANARY', 'm.example=CANARY b'])(
    'is refused without repeating it where it is none: %s',
    (token) => {
      expect(() => given(token)).toThrow(/host=TOKEN|HOST=TOKEN/i);
      try {
        given(token);
      } catch (error) {
        expect(String(error)).not.toContain('CANARY');
      }
    },
  );

  it('is tested at its own host, or at the address that stands for it', () => {
    const { question, isAnswer } = mastodon.secret!;
    expect(question('m.example=abc,g.example=x', undefined)).toEqual({
      url: 'https://m.example/api/v1/accounts/verify_credentials',
      headers: { authorization: 'Bearer abc' },
    });
    expect(question('127.0.0.1:99=abc', 'http://127.0.0.1:99/').url).toMatch(
      /^http:\/\/127\.0\.0\.1:99\/api/,
    );
    expect(question('m.example=abc', 'http://127.0.0.1:99').url).toMatch(/^https:\/\/m\.example\//);
    expect([isAnswer({ username: 'fern' }), isAnswer({ error: 'x' }), isAnswer(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('a media proxy', () => {
  const packed = (address: string) => Buffer.from(address).toString('base64url');
  const at = (address: string) => `https://p.example/proxy/0123456789abcdef/${packed(address)}/x.png`;

  it.each([
    ['https://up.example/a/x.png', 'https://up.example/a/x.png'],
    ['http://up.example/x y.png', undefined],
    ['file:///etc/passwd', undefined],
    ['no address at all', undefined],
  ])('stands for %s', (address, found) => {
    expect(unwrapped(at(address))).toBe(found ?? at(address));
  });

  it('is what other addresses are not, however long', () => {
    for (const url of ['https://p.example/media/x.png', `https://p.example/proxy/${'a/'.repeat(50_000)}`])
      expect(unwrapped(url)).toBe(url);
  });
});
