import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { announcedDigests, disagreement, Sums } from '../../src/net/digests.ts';

const body = Buffer.from('the bytes of a picture, or so they say');
const sum = (algorithm: string, encoding: 'base64' | 'hex') =>
  createHash(algorithm).update(body).digest(encoding);
const [sha256, sha512, sha1, md5] = ['sha256', 'sha512', 'sha1', 'md5'].map((name) => sum(name, 'base64'));
const crc = Buffer.from('e3069283', 'hex').toString('base64');

const plain = { status: 200, coded: false };
/** What is announced, in short: `sha256 of whole`. */
const read = (headers: Record<string, string | string[]>, about = plain) =>
  announcedDigests(headers, about).map(({ algorithm, of }) => `${algorithm} of ${of}`);

it('names header, algorithm and sum, in hex', () => {
  expect(announcedDigests({ 'repr-digest': `sha-256=:${sha256}:` }, plain)).toEqual([
    { header: 'Repr-Digest', algorithm: 'sha256', hex: sum('sha256', 'hex'), of: 'whole' },
  ]);
  expect(announcedDigests({ 'x-goog-hash': `crc32c=${crc}` }, plain)).toEqual([
    { header: 'x-goog-hash', algorithm: 'crc32c', hex: 'e3069283', of: 'whole' },
  ]);
});

it.each([
  [{ 'content-digest': `sha-256=:${sha256}:` }, ['sha256 of message']],
  [{ 'repr-digest': `sha-256=:${sha256}:, sha-512=:${sha512}:` }, ['sha256 of whole', 'sha512 of whole']],
  [
    { 'repr-digest': `  sha-512=:${sha512}:;a=1; b="x, y\\"";c \t,\t sha=:${sha1}:  ` },
    ['sha512 of whole', 'sha1 of whole'],
  ],
  [
    { 'repr-digest': `id-x=?1, y=(1 "a)" tok;q=1);z, n=-1.5, sha-384=:AAAA:, t=a/b:c, md5=:${md5}:` },
    ['md5 of whole'],
  ],
  [{ 'repr-digest': [`sha-256=:${sha256}:`, `md5=:${md5}:`] }, ['sha256 of whole', 'md5 of whole']],
  [
    { digest: `SHA-256=${sha256},sha=${sha1}, MD5=${md5}` },
    ['sha256 of whole', 'sha1 of whole', 'md5 of whole'],
  ],
  [{ 'content-md5': ` ${md5} ` }, ['md5 of message']],
  [{ 'x-goog-hash': `crc32c=${crc}` }, ['crc32c of whole']],
  [{ 'x-goog-hash': `crc32c=${crc},md5=${md5}` }, ['md5 of whole']],
  [{ 'x-goog-hash': [`crc32c=${crc}`, `md5=${md5}`] }, ['md5 of whole']],
  [{ 'x-goog-hash': `crc32c=${crc},md5=nonsense` }, ['crc32c of whole']],
  [{ 'x-ms-blob-content-md5': md5! }, ['md5 of whole']],
  [{ 'x-amz-checksum-sha256': sha256!, 'x-amz-checksum-type': 'FULL_OBJECT' }, ['sha256 of whole']],
  [{ 'x-amz-checksum-crc32c': crc }, ['crc32c of whole']],
  [{ 'x-amz-checksum-sha1': sha1! }, ['sha1 of whole']],
  [
    { 'content-digest': `sha-256=:${sha256}:`, digest: `sha-512=${sha512}`, 'content-md5': md5! },
    ['sha256 of message', 'sha512 of whole', 'md5 of message'],
  ],
  [{ 'repr-digest': `md5=:${md5}:, md5=:AAAA:, md5=:${md5}:` }, ['md5 of whole']],
])('reads %j', (headers, expected) => expect(read(headers)).toEqual(expected));

it.each([
  ['no header', {}],
  ['an empty one', { 'repr-digest': '' }],
  ['the sum bare of its colons', { 'repr-digest': `sha-256=${sha256}` }],
  ['one colon', { 'repr-digest': `sha-256=:${sha256}` }],
  ['a name in capitals', { 'repr-digest': `SHA-256=:${sha256}:` }],
  ['one mistake behind a good sum', { 'repr-digest': `sha-256=:${sha256}:, ` }],
  ['junk behind a good sum', { 'repr-digest': `sha-256=:${sha256}: ???` }],
  ['the length of another algorithm', { 'repr-digest': `sha-512=:${sha256}:` }],
  ['no padding', { 'repr-digest': `sha-256=:${sha256!.replace('=', '')}:` }],
  ['bits left over', { 'x-goog-hash': 'crc32c=AAAAAB==' }],
  ['hex', { 'repr-digest': `sha-256=:${sum('sha256', 'hex')}:` }],
  ['hex of old', { digest: `sha-256=${sum('sha256', 'hex')},md5=${sum('md5', 'hex')}` }],
  ['hex for MD5', { 'content-md5': sum('md5', 'hex') }],
  ['two values for one', { 'content-md5': `${md5}, ${md5}` }],
  ['the alphabet of addresses', { 'content-digest': `md5=:${'_'.repeat(22)}==:` }],
  ['an unknown algorithm', { 'repr-digest': `sha-384=:${sha512}:`, digest: 'unixsum=30637' }],
  ['a name from the prototype', { 'repr-digest': `constructor=:${sha256}:`, digest: `__proto__=${md5}` }],
  ['quotes that never end', { 'repr-digest': `sha-256=:${sha256}:;x="` }],
  ['a list that never ends', { 'repr-digest': `x=${'('.repeat(4000)}` }],
  ['a sum of sums', { 'x-amz-checksum-sha256': `${sha256}-3` }],
  ['a sum of sums that says so', { 'x-amz-checksum-sha1': sha1!, 'x-amz-checksum-type': 'COMPOSITE' }],
  ['bytes that are no text', { 'repr-digest': '\u0000\u00ff\u0080', digest: '\u00ff=\u00ff' }],
])('hears nothing in %s', (_, headers) => expect(read(headers as Record<string, string>)).toEqual([]));

it.each([
  ['Content-MD5 of a part', { 'content-md5': md5! }, { status: 206, coded: false }],
  ['Repr-Digest of a coded part', { 'repr-digest': `md5=:${md5}:` }, { status: 206, coded: true }],
  [
    'x-goog-hash of a coded part',
    { 'x-goog-hash': `md5=${md5}`, 'x-goog-stored-content-encoding': 'gzip' },
    { status: 206, coded: true },
  ],
  [
    'x-goog-hash of what was unpacked on the way',
    { 'x-goog-hash': `md5=${md5}`, 'x-goog-stored-content-encoding': 'gzip' },
    plain,
  ],
  [
    'x-goog-hash of what was packed on the way',
    { 'x-goog-hash': `md5=${md5}`, 'x-goog-stored-content-encoding': 'identity' },
    { status: 200, coded: true },
  ],
  [
    'the sum of a store, of what may be packed on the way',
    { 'x-ms-blob-content-md5': md5!, 'x-amz-checksum-sha1': sha1! },
    { status: 200, coded: true },
  ],
  ['x-amz-checksum with a part', { 'x-amz-checksum-sha1': sha1! }, { status: 206, coded: false }],
])('does not hold against the bytes %s', (_, headers, about) => expect(read(headers, about)).toEqual([]));

it.each([
  [{ 'content-digest': `md5=:${md5}:` }, { status: 206, coded: true }, ['md5 of message']],
  [{ 'repr-digest': `md5=:${md5}:` }, { status: 206, coded: false }, ['md5 of whole']],
  [{ 'repr-digest': `md5=:${md5}:` }, { status: 200, coded: true }, ['md5 of whole']],
  [
    { 'x-goog-hash': `md5=${md5}`, 'x-goog-stored-content-encoding': 'gzip' },
    { status: 200, coded: true },
    ['md5 of whole'],
  ],
  [
    { 'x-goog-hash': `md5=${md5}`, 'x-goog-stored-content-encoding': 'identity' },
    { status: 206, coded: false },
    ['md5 of whole'],
  ],
])('holds %j against the bytes of %j', (headers, about, expected) =>
  expect(read(headers as Record<string, string>, about)).toEqual(expected),
);

it('looks at no more than sixteen members, and at no field that is longer than 8 KiB', () => {
  const many = Array.from({ length: 16 }, (_, n) => `x${n}=?0`).join(', ');
  expect(read({ 'repr-digest': `${many}, md5=:${md5}:` })).toEqual([]);
  expect(read({ 'repr-digest': `${many.slice(7)}, md5=:${md5}:` })).toEqual(['md5 of whole']);
  expect(read({ digest: `${'x=y,'.repeat(16)}md5=${md5}` })).toEqual([]);
  expect(read({ digest: `md5=${md5},${'x'.repeat(9000)}` })).toEqual([]);
});

it.each(['sha-256=:', 'a;', 'a=(', 'a="', 'a=("", ', 'a=1;b=', 'a, ', ' ', ':='])(
  'a field full of %j is soon given up',
  (piece) => {
    const field = piece.repeat(8192 / piece.length);
    for (let n = 0; n < 20; n++) expect(read({ 'repr-digest': field, digest: field })).toEqual([]);
  },
  2000,
);

it('sums of all algorithms are of what has passed, and may be asked for again and again', () => {
  const sums = new Sums(['sha256', 'md5', 'crc32c', 'md5', 'sha1', 'sha512']);
  expect(sums.hex('crc32c')).toBe('00000000');
  sums.update(Buffer.from('12345'));
  expect(sums.hex('md5')).toBe('827ccb0eea8a706c4c34a16891f84e7b');
  sums.update(Buffer.from('6789'));
  expect(sums.hex('md5')).toBe('25f9e794323b453885f5181f1b624d0b');
  expect(sums.hex('md5')).toBe('25f9e794323b453885f5181f1b624d0b');
  expect(sums.hex('crc32c')).toBe('e3069283');
  expect(sums.hex('sha1')).toBe('f7c3bc1d808e04732adf679965ccc34ca7ae3441');
});

it('a sum that was not asked for in time is no sum', () => {
  expect(() => new Sums(['md5']).hex('sha1')).toThrow('sha1 was not asked for');
  expect(() => new Sums(['md5']).hex('crc32c')).toThrow('crc32c was not asked for');
});

it('says which sum the bytes do not have, and is silent where all agree', () => {
  const announced = announcedDigests(
    { 'content-md5': md5!, 'repr-digest': `sha-256=:${sha256}:`, digest: `sha=${sha1}` },
    plain,
  );
  const of = (bytes: Buffer) => {
    const sums = new Sums(announced.map(({ algorithm }) => algorithm));
    sums.update(bytes);
    return disagreement(announced, sums);
  };
  expect(announced).toHaveLength(3);
  expect(of(body)).toBeUndefined();
  const other = Buffer.from('other bytes');
  const got = createHash('sha256').update(other).digest('hex');
  expect(of(other)).toBe(`Repr-Digest sha256 ${sum('sha256', 'hex')}, got ${got}`);
  expect(disagreement([], new Sums([]))).toBeUndefined();
});
