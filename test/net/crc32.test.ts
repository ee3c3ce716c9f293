import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { crc32, crc32c } from '../../src/net/crc32.ts';

const hex = (sum: number) => sum.toString(16).padStart(8, '0');

it.each([
  ['nothing', '', '00000000'],
  ['one letter', Buffer.from('a').toString('hex'), 'c1d04330'],
  ['the digits', Buffer.from('123456789').toString('hex'), 'e3069283'],
  ['32 times 00', '00'.repeat(32), '8a9136aa'],
  ['32 times ff', 'ff'.repeat(32), '62a8ab43'],
  ['32 bytes that rise', Buffer.from(Array.from({ length: 32 }, (_, n) => n)).toString('hex'), '46dd794e'],
  [
    '32 bytes that fall',
    Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)).toString('hex'),
    '113fdb5c',
  ],
  [
    'a SCSI read command',
    '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
    'd9963a56',
  ],
])('the sum of %s is as RFC 3720 and others give it', (_, bytes, sum) => {
  expect(hex(crc32c(Buffer.from(bytes, 'hex')))).toBe(sum);
});

it.each([
  ['nothing', '', '00000000'],
  ['one letter', 'a', 'e8b7be43'],
  ['the digits', '123456789', 'cbf43926'],
])('the sum of %s is as zip has it', (_, text, sum) => {
  expect(hex(crc32(Buffer.from(text)))).toBe(sum);
});

it('wherever the bytes are parted, the sum is that of the whole', () => {
  const bytes = randomBytes(75);
  const whole = crc32c(bytes);
  for (let at = 0; at <= bytes.length; at++) {
    expect(crc32c(bytes.subarray(at), crc32c(bytes.subarray(0, at)))).toBe(whole);
  }
});

it.each([
  ['crc32c', crc32c, 0x82f63b78],
  ['crc32', crc32, 0xedb88320],
])('%s of eight at a time comes to what one bit at a time comes to', (_, sumOf, polynomial) => {
  const bytes = randomBytes(4099);
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
  }
  expect(sumOf(bytes)).toBe(~sum >>> 0);
});
