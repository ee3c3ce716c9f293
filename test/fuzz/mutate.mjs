/** Numbers that look random and come again by their seed: a failure can be played again. */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return { next, below: (n) => Math.floor(next() * n), of: (list) => list[Math.floor(next() * list.length)] };
}

/** What parsers stumble over, put in anywhere. */
const morsels = [
  ...[
    '<',
    '>',
    '</',
    '/>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '&',
    '&a;',
    '&#0;',
  ],
  ...[
    '&#x110000;',
    '&#99999999999;',
    '&amp;amp;',
    '"',
    "'",
    '`',
    '\\',
    '\\u0000',
    '\\ud800',
    '{',
    '}',
    '[',
    ']',
    ':',
  ],
  ...[
    ',',
    'null',
    'true',
    '-1',
    '0',
    '1e999',
    '-0',
    '9007199254740993',
    '1'.repeat(400),
    '"__proto__":',
    '"constructor":{},',
  ],
  ...[
    '[]',
    '{}',
    '""',
    '\n',
    '\r',
    '\r\n',
    '\t',
    '\0',
    '\ufeff',
    '\u2028',
    '\ud83d',
    '🌿',
    'é',
    ' ',
    '%',
    '%%',
    '%2e%2e/',
  ],
  ...[
    '../',
    '//',
    'http://',
    'https://[',
    'javascript:',
    'data:image/png;base64,',
    'file:///etc/passwd',
    '?',
    '#',
    '\u202e',
  ],
  ...[
    '0000-00-00',
    '-0001-11-30T00:00:00',
    '9999-99-99',
    '+275760-09-13',
    '1',
    'x'.repeat(5000),
    'a:1000000:{',
    's:9:"',
  ],
  ...[
    '<item>',
    '</item>',
    '<entry>',
    '<a href="',
    '<img src="',
    'srcset="',
    ' xmlns:x="y"',
    '<base href="http://[">',
  ],
].map((text) => Buffer.from(text));
const bytes = [
  Buffer.from([0xff]),
  Buffer.from([0xfe, 0xff]),
  Buffer.from([0xc0, 0x80]),
  Buffer.from([0x1f, 0x8b, 8, 0]),
  Buffer.from('PK\x03\x04'),
];

const nested = (open, times) => Buffer.from(open.repeat(times));

/** Each takes bytes and gives other ones; `other` is another seed. */
const ways = [
  (b, r) => flipped(b, r),
  (b, r) => b.subarray(0, r.below(b.length + 1)),
  (b, r) => b.subarray(r.below(b.length + 1)),
  (b, r) => spliced(b, r.below(b.length + 1), r.below(40), r.of(morsels)),
  (b, r) => spliced(b, r.below(b.length + 1), 0, r.of(morsels)),
  (b, r) => spliced(b, r.below(b.length + 1), 0, r.of(bytes)),
  (b, r) => spliced(b, r.below(b.length + 1), r.below(200), Buffer.alloc(0)),
  (b, r) => repeated(b, r),
  (b, r) => swappedValue(b, r),
  (b, r) => swappedValue(b, r),
  (b, r) =>
    spliced(
      b,
      r.below(b.length + 1),
      0,
      nested(r.of(['[', '{"a":', '<b>', '<item>', '(', '&amp;']), 1 + r.below(3000)),
    ),
  (b, r, other) =>
    Buffer.concat([b.subarray(0, r.below(b.length + 1)), other.subarray(r.below(other.length + 1))]),
  (b) => Buffer.from(b.toString('latin1'), 'utf16le'),
];

export function mutated(seed, random, other) {
  let found = seed;
  for (let times = 1 + random.below(4); times > 0; times--) found = random.of(ways)(found, random, other);
  return found.subarray(0, 2 ** 20);
}

const spliced = (b, at, length, put) => Buffer.concat([b.subarray(0, at), put, b.subarray(at + length)]);

function flipped(b, random) {
  const copy = Buffer.from(b);
  for (let times = 1 + random.below(8); times > 0 && copy.length > 0; times--)
    copy[random.below(copy.length)] = random.below(256);
  return copy;
}

function repeated(b, random) {
  const from = random.below(b.length + 1);
  const part = b.subarray(from, from + random.below(300));
  return spliced(b, from, 0, Buffer.concat(Array.from({ length: 1 + random.below(20) }, () => part)));
}

const values = [
  'null',
  '[]',
  '{}',
  '0',
  '-1',
  '""',
  'true',
  '"x"',
  '1e400',
  '12345678901234567890',
  '[[]]',
  '{"a":{"b":1}}',
  '[null]',
  '"http://["',
];

/** A value of JSON, or the text of an element, becomes something of another type. */
function swappedValue(b, random) {
  const text = b.toString('latin1');
  const places = [...text.matchAll(/:\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)|>([^<]+)</g)].slice(
    0,
    500,
  );
  if (places.length === 0) return b;
  const place = random.of(places);
  const value = place[1] ?? place[2];
  const at = place.index + place[0].indexOf(value);
  return Buffer.from(text.slice(0, at) + random.of(values) + text.slice(at + value.length), 'latin1');
}
