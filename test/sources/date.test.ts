import { expect, it } from 'vitest';
import { readDate } from '../../src/sources/date.ts';

it.each([
  ['2019-05-31', '2019-05-31T00:00:00.000Z'],
  ['2019-05-31T10:20:30Z', '2019-05-31T10:20:30.000Z'],
  ['2019-05-31T10:20:30.5+02:00', '2019-05-31T08:20:30.500Z'],
  ['2019-05-31T10:20:30.123456789-0130', '2019-05-31T11:50:30.123Z'],
  ['2019-05-31 10:20:30 GMT', '2019-05-31T10:20:30.000Z'],
  [' 2019-05-31 10:20 ', '2019-05-31T10:20:00.000Z'],
  ['Fri, 31 May 2019 10:20:30 +0200', '2019-05-31T08:20:30.000Z'],
  ['31 May 19 10:20 EST', '2019-05-31T15:20:00.000Z'],
  ['Friday, 1 March 96 00:00:00 GMT', '1996-03-01T00:00:00.000Z'],
  [1559298030, '2019-05-31T10:20:30.000Z'],
  ['1559298030', '2019-05-31T10:20:30.000Z'],
  [1559298030123, '2019-05-31T10:20:30.123Z'],
  [1559298030.25, '2019-05-31T10:20:30.250Z'],
  ['2020-02-29', '2020-02-29T00:00:00.000Z'],
])('reads %j as %s', (given, read) => expect(readDate(given)).toBe(read));

it.each([
  '0000-00-00 00:00:00',
  '0000-01-01T00:00:00Z',
  '2019-02-29',
  '2019-13-01',
  '2019-04-31T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '2019-05-31T24:00:00Z',
  '2019-05-31T10:20:30 XYZ',
  'yesterday',
  'post 12',
  '31 Brumaire 2019 10:20',
  '',
  '  ',
  '0',
  '2019',
  '12',
  1e15,
  -1,
  0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e21,
  '99999999999999999999',
  null,
  undefined,
  true,
  {},
  [],
  [2019],
  '2'.repeat(100_000),
])('G11 takes %.40j for no date', (given) => expect(readDate(given)).toBeNull());

it('G11 does not depend on where it runs', () => {
  const zone = process.env.TZ;
  try {
    process.env.TZ = 'Pacific/Auckland';
    expect(readDate('2019-05-31 10:20:30')).toBe('2019-05-31T10:20:30.000Z');
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
