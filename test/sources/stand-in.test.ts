import { expect, it } from 'vitest';
import { standIn } from '../../src/sources/stand-in.ts';

const page = (title: string, body: string) =>
  `<!doctype html><html><head><title>${title}</title></head><body>${body}</body></html>`;
const at = 'https://moss.example/a';
const seen = (html: string, given: { url?: string; headers?: Record<string, string> } = {}) =>
  standIn({ asked: at, url: at, headers: {}, html, ...given })?.kind;
const form = '<form><input name="user"><input type="password"></form>';

it.each([
  ['challenge', page('Just a moment...', '<script>window._cf_chl_opt={}</script>')],
  ['challenge', page('moss.example', '<script>window._cf_chl_opt={}</script>')],
  ['challenge', page('', '<script src="https://ct.captcha-delivery.com/c.js"></script>')],
  ['challenge', page('Making sure you&#39;re not a bot!', '<p>Loading</p>')],
  [
    'challenge',
    page('Maintenance', 'Briefly unavailable for scheduled maintenance. Check back in a minute.'),
  ],
  ['closed', page('Log In ‹ Moss — WordPress', form)],
  ['closed', page('Moss: anmelden', form)],
  ['leftover', page('moss.example', '<h1>moss.example is for sale</h1>')],
  ['leftover', page('moss.example', 'This domain may be for sale. Buy this domain!')],
  ['leftover', page('Account Suspended', '<p>Contact your host.</p>')],
  ['leftover', page('Welcome to nginx!', '<p>Further configuration is required.</p>')],
] as const)('knows what stands in place of a page: %s, %s', (kind, html) => expect(seen(html)).toBe(kind));

it('knows a page by where it leads to, and by what its server says of it', () => {
  expect(seen('', { url: 'https://moss.example/wp-login.php?redirect_to=%2Fa' })).toBe('closed');
  expect(seen('', { url: 'https://accounts.example/sign-in' })).toBe('closed');
  expect(seen('', { headers: { 'cf-mitigated': 'challenge' } })).toBe('challenge');
});

const long = 'Moss grows on the north side of the stone. '.repeat(60);

it.each([
  ['a page', page('Moss', '<p>Moss.</p>')],
  [
    'a page that its server counts',
    page('Moss', '<p>Moss</p><script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>'),
  ],
  [
    'one that writes about a challenge',
    page('What _cf_chl_opt is', '<p>Look for <code>_cf_chl_opt</code> in it.</p>'),
  ],
  ['a post behind a password of its own', page('Protected: Moss', form)],
  ['a page with a login at its side', page('Log in to the forest', `${form}<p>${long}</p>`)],
  ['one about logins', page('How to log in', '<p>Press the button.</p>')],
  ['a diary of maintenance', page('Maintenance of my bicycle', '<p>Oil.</p>')],
  ['a long one that offers a domain', page('Moss', `${long} Buy this domain.`)],
  ['an empty one', ''],
])('takes %s for itself', (_, html) => expect(seen(html)).toBeUndefined());

it('takes a login that was asked for by name for itself', () =>
  expect(
    standIn({
      asked: 'https://moss.example/login',
      url: 'https://moss.example/login/',
      headers: {},
      html: '',
    }),
  ).toBeUndefined());

it('takes time by the length of a page', () => {
  const bait = ['<input ', '<title', 'a-'].map((one) => one.repeat(2 ** 18 / one.length));
  const began = process.cpuUsage().user;
  for (const html of bait) seen(html);
  expect((process.cpuUsage().user - began) / 1000).toBeLessThan(1000);
});
