import { describe, expect, test } from 'vitest';
import { UsageError } from '../src/errors.ts';
import { table } from '../src/option-table.ts';
import { checkOptions, type OptionName, readAssignment, readOption, settingsOf } from '../src/options.ts';

const names = Object.keys(table) as OptionName[];

describe('the table', () => {
  test.each(names)('says of %s what it is for and why its default is what it is', (name) => {
    expect(table[name].help.length).toBeGreaterThan(5);
    expect(table[name].why.length).toBeGreaterThan(3);
  });

  test('names each flag once', () => {
    const flags = names.flatMap(
      (name) => (table[name] as { flags?: string }).flags?.match(/-{1,2}[\w-]+/g) ?? [],
    );
    expect(new Set(flags).size).toBe(flags.length);
  });
});

describe('the text of an option', () => {
  test.each<[OptionName, string, unknown]>([
    ['concurrency', '8', 8],
    ['retries', '0', 0],
    ['retries', 'infinite', Number.POSITIVE_INFINITY],
    ['retries', 'INF', Number.POSITIVE_INFINITY],
    ['rate', '5/s', 5],
    ['rate', '24/min', 0.4],
    ['rate', '30/m', 0.5],
    ['rate', '3600/h', 1],
    ['rate', '0.5/s', 0.5],
    ['rate', 'unlimited', Number.POSITIVE_INFINITY],
    ['timeout', '1.5', 1500],
    ['sleep', '2', [2000, 2000]],
    ['sleep', '0.5-1.5', [500, 1500]],
    ['limitRate', '500k', 512_000],
    ['limitRate', '2M/s', 2 * 2 ** 20],
    ['limitRate', 'unlimited', Number.POSITIVE_INFINITY],
    ['minSpeed', '0', 0],
    ['backoffBase', '0.1', 100],
    ['filesizeMax', '500k', 512_000],
    ['filesizeMax', '20M', 20 * 2 ** 20],
    ['filesizeMax', '1.5GiB', 1.5 * 2 ** 30],
    ['filesizeMax', '2 tb', 2 ** 41],
    ['filesizeMin', '0', 0],
    ['type', 'image, video', ['image', 'video']],
    ['backoff', 'linear', 'linear'],
    ['dateAfter', '2019-05-31', '2019-05-31T00:00:00.000Z'],
    ['dateBefore', '2019-05-31T12:00:00+02:00', '2019-05-31T10:00:00.000Z'],
    ['wayback', 'http://127.0.0.1:8080//', 'http://127.0.0.1:8080'],
    ['memento', 'https://m.example/all/', ['https://m.example/all']],
    ['cdx', 'https://c.example/x/cdx', ['https://c.example/x/cdx']],
    ['cdx', ' https://c.example/cdx  https://r.example/ ', ['https://c.example/cdx https://r.example']],
    ['header', 'Referer: https://blog.example/', ['Referer: https://blog.example/']],
    ['recovery', 'false', false],
    ['allowPrivate', 'true', true],
    ['destination', 'my archives', 'my archives'],
  ])('%s: «%s» is read as %o', (name, text, value) => {
    expect(readOption(name, text)).toEqual(value);
  });

  test.each<[OptionName, string, RegExp]>([
    ['concurrency', '0', /--concurrency: it takes a whole number from 1/],
    ['concurrency', '', /whole number/],
    ['concurrency', '1.5', /whole number/],
    ['concurrency', 'many', /'many'/],
    ['concurrency', '99999999999999999999', /whole number/],
    ['retries', '-1', /from 0/],
    ['sleep', '3-1', /--sleep: it takes seconds such as 2 or 1-3/],
    ['sleep', 'long', /1-3/],
    ['limitRate', '0', /--limit-rate: it takes a speed above 0/],
    ['limitRate', 'fast', /500k/],
    ['rate', '5', /5\/s, 24\/min or unlimited/],
    ['rate', '0/s', /rate/],
    ['rate', '-5/s', /rate/],
    ['rate', '5/day', /rate/],
    ['timeout', '0', /--timeout: it takes a number of seconds above 0/],
    ['timeout', '-3', /seconds/],
    ['timeout', 'NaN', /seconds/],
    ['timeout', 'Infinity', /seconds/],
    ['headerTimeout', 'soon', /headerTimeout/],
    ['filesizeMax', '5 parsecs', /such as 500k, 20M or 2G/],
    ['filesizeMax', '-5k', /size/],
    ['type', 'image,text', /one of image, video, audio, file/],
    ['backoff', 'quadratic', /one of exponential, linear, constant/],
    ['dateAfter', 'yesterday', /a date such as/],
    ['wayback', 'web.archive.org', /http or https/],
    ['wayback', 'file:///etc/passwd', /http or https/],
    ['wayback', 'https://fern:secret@w.example', /without user and password/],
    ['memento', 'm.example', /http or https/],
    ['cdx', 'ftp://c.example/cdx', /http or https/],
    ['cdx', 'https://c.example https://r.example https://s.example', /an index and of its replay/],
    ['header', 'no colon', /a header such as/],
    ['header', ': no name', /a header/],
    ['header', 'X-A: 1\r\nX-B: 2', /one line/],
    ['userAgent', 'two\nlines', /one line/],
    ['recovery', 'yes', /true, false/],
  ])('%s: «%s» is refused, and what fits is said', (name, text, message) => {
    expect(() => readOption(name, text)).toThrow(UsageError);
    expect(() => readOption(name, text)).toThrow(message);
  });
});

describe('the door', () => {
  test('fills gaps with the defaults, and freezes what it hands on', () => {
    const options = checkOptions({ concurrency: 3 });
    for (const name of names) expect(options[name]).toEqual(name === 'concurrency' ? 3 : table[name].default);
    expect(Object.isFrozen(options)).toBe(true);
    expect(options.signal.aborted || options.stop.aborted).toBe(false);
    expect(options.report({ event: 'warning', message: 'nobody listens' })).toBeUndefined();
  });

  test('takes undefined for not given, and false, nought and null for given', () => {
    const options = checkOptions({ rate: undefined as never, recovery: false, retries: 0, type: null });
    expect([options.rate, options.recovery, options.retries, options.type]).toEqual([10, false, 0, null]);
  });

  test('refuses an unknown name, and suggests the one that was meant', () => {
    expect(() => checkOptions({ concurency: 3 } as never)).toThrow(
      "There is no option 'concurency'; did you mean 'concurrency'?",
    );
    expect(() => checkOptions({ banana: 3 } as never)).toThrow("There is no option 'banana'.");
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'refuses the name %s, which every object has',
    (name) => {
      expect(() => checkOptions(Object.fromEntries([[name, 1]]) as never)).toThrow(UsageError);
      expect(() => readAssignment(`${name}=1`)).toThrow(UsageError);
    },
  );
});

describe('an assignment', () => {
  test.each([
    ['concurrency=3', { concurrency: 3 }],
    [' rate = 5/s', undefined],
    ['headerTimeout=2', { headerTimeout: 2000 }],
    ['userAgent=a=b', { userAgent: 'a=b' }],
    ['sources.json.items=posts', { settings: { 'sources.json.items': 'posts' } }],
    ['sources.json.items=', { settings: { 'sources.json.items': '' } }],
  ])('«%s»', (text, expected) => {
    if (expected) expect(readAssignment(text)).toEqual(expected);
    else expect(() => readAssignment(text)).toThrow(UsageError);
  });

  test.each(['concurrency', '=3', '', '  =3'])('«%s» is none', (text) => {
    expect(() => readAssignment(text)).toThrow(/it takes KEY=VALUE|There is no option/);
  });

  test('of an unknown key is answered with the nearest', () => {
    expect(() => readAssignment('perhost=3')).toThrow("did you mean 'perHost'?");
  });
});

describe('the settings of a source', () => {
  const settings = { 'sources.json.items': 'posts', 'sources.json.date': 'when', 'sources.list.x': '1' };

  test('are those under its name, by their keys', () => {
    expect(settingsOf('json', ['items', 'date', 'url'], settings)).toEqual({ items: 'posts', date: 'when' });
  });

  test('with a key that it does not take are refused', () => {
    const mistyped = { 'sources.json.itms': 'posts' };
    expect(() => settingsOf('json', ['items'], mistyped)).toThrow("did you mean 'sources.json.items'?");
  });
});

describe('a value that a program gives', () => {
  test.each([
    ['perHost', 0],
    ['concurrency', -1],
    ['rate', Number.NaN],
    ['retries', 'many'],
    ['allowPrivate', 3],
  ])('%s of %s is refused', (name, value) => {
    expect(() => checkOptions({ [name]: value })).toThrow(UsageError);
  });

  test('may be the text that the command line takes', () => {
    expect(
      checkOptions({ rate: '24/min', retries: '0', wayback: 'http://127.0.0.1:1/' } as never),
    ).toMatchObject({ rate: 0.4, retries: 0, wayback: 'http://127.0.0.1:1' });
  });
});

describe('what a program hands over in place of a text', () => {
  test.each<[OptionName, unknown, unknown]>([
    ['sleep', 2000, [2000, 2000]],
    ['sleep', [1000, 3000], [1000, 3000]],
    ['retries', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['limitRate', 500_000, 500_000],
    ['headerTimeout', 1500, 1500],
    ['burst', null, null],
    ['burst', 5, 5],
    ['insecure', true, true],
  ])('%s: %o is taken as %o', (name, value, taken) => {
    expect(checkOptions({ [name]: value })[name]).toEqual(taken);
  });

  test.each<[OptionName, unknown]>([
    ['sleep', [3, 1]],
    ['sleep', [Number.NaN, 2]],
    ['sleep', [1]],
    ['perHost', 0.5],
    ['retries', 1.5],
    ['limitRate', 0],
    ['headerTimeout', 1e12],
    ['proxy', 42],
    ['header', { a: 1 }],
    ['concurrency', null],
  ])('%s: %o is refused', (name, value) => {
    expect(() => checkOptions({ [name]: value })).toThrow(`does not fit the option '${name}'`);
  });
});
