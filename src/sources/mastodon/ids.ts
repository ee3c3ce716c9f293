/**
 * How ids of a server hold the time. A moment is a whole number that grows with the ids: where an id does not fit into
 * a number, so many ids next to each other share one, fewer than a page has.
 */
export interface IdScheme {
  readonly name: string;
  /** Undefined for what is no id of this kind. */
  momentOf(id: string): number | undefined;
  /** When an id of this moment was made, in milliseconds since 1970. */
  timeOf(moment: number): number;
  momentAt(time: number): number;
  /** An id that stands before all ids of the moment, and behind all that are older. */
  before(moment: number): string;
  /** The same behind all ids of the moment. */
  behind(moment: number): string;
}

export interface Dated {
  readonly id: string;
  readonly date: string | null;
}

const tolerance = 3_600_000;

/**
 * The scheme by which most of the ids are from the time of their posts; undefined where none is. That each id has to be
 * one of its kind, and its time within an hour of what the post says, makes a wrong guess next to impossible.
 */
export function schemeOf(posts: readonly Dated[]): IdScheme | undefined {
  const dated = posts.filter(({ date }) => date !== null);
  return schemes.find((scheme) => {
    const isOfKind = posts.every(({ id }) => scheme.momentOf(id) !== undefined);
    return isOfKind && dated.filter((one) => isOfItsTime(one, scheme)).length * 2 > dated.length;
  });
}

function isOfItsTime({ id, date }: Dated, scheme: IdScheme): boolean {
  const moment = scheme.momentOf(id);
  return moment !== undefined && Math.abs(scheme.timeOf(moment) - Date.parse(date!)) <= tolerance;
}

/** Whole numbers: milliseconds since an epoch, and so many bits behind them; the last of those are let go. */
function numbers(name: string, epoch: number, bits: number, dropped: number): IdScheme {
  const perMillisecond = 2 ** (bits - dropped);
  const shift = BigInt(dropped);
  return {
    name,
    momentOf: (id) => (/^\d{1,19}$/.test(id) ? sound(Number(BigInt(id) >> shift)) : undefined),
    timeOf: (moment) => moment / perMillisecond + epoch,
    momentAt: (time) => bounded(Math.floor((time - epoch) * perMillisecond), Number.MAX_SAFE_INTEGER),
    before: (moment) => String(moment === 0 ? 0n : (BigInt(moment) << shift) - 1n),
    behind: (moment) => String((BigInt(moment) + 1n) << shift),
  };
}

interface TextWay {
  readonly name: string;
  /** What an id looks like. */
  readonly form: RegExp;
  /** Of its digits, in the order of their values. */
  readonly digits: string;
  /** Which part of it is the time. */
  readonly from: number;
  readonly to: number;
  readonly length: number;
  /** What stands before the time. */
  readonly mark?: string;
  readonly epoch?: number;
  /** Milliseconds in a unit. */
  readonly unit?: number;
}

/** Texts of one length, of which a part is the time, in digits of some base. */
function texts(way: TextWay): IdScheme {
  const { name, form, digits, from, to, length, mark = '', epoch = 0, unit = 1 } = way;
  const base = digits.length;
  const most = base ** (to - from) - 1;
  const written = (moment: number) => {
    let [text, rest] = ['', moment];
    for (let at = from; at < to; at++, rest = Math.floor(rest / base)) text = digits[rest % base] + text;
    return mark + text;
  };
  return {
    name,
    momentOf(id) {
      if (!form.test(id)) return undefined;
      let moment = 0;
      for (const letter of id.slice(from, to)) moment = moment * base + digits.indexOf(letter);
      return sound(moment);
    },
    timeOf: (moment) => moment * unit + epoch,
    momentAt: (time) => bounded(Math.floor((time - epoch) / unit), Math.min(most, Number.MAX_SAFE_INTEGER)),
    before: (moment) =>
      moment === 0
        ? written(0).padEnd(length, digits[0])
        : written(moment - 1).padEnd(length, digits[base - 1]),
    behind: (moment) =>
      moment >= most
        ? written(most).padEnd(length, digits[base - 1])
        : written(moment + 1).padEnd(length, digits[0]),
  };
}

/** Milliseconds of a time when there were no flakes yet: moments before it are numbers themselves. */
const firstFlake = 1e12;

/**
 * Flakes of Pleroma: 64 bits of milliseconds and 64 of something else, written together in base 62. What is older than
 * these has kept its number, and all numbers stand before all flakes.
 */
const flakes: IdScheme = {
  name: 'flake',
  momentOf(id) {
    if (/^\d{1,12}$/.test(id)) return Number(id);
    if (!/^[0-9A-Za-z]{16,20}$/.test(id)) return undefined;
    let value = 0n;
    for (const letter of id) value = value * 62n + BigInt(base62.indexOf(letter));
    return sound(Number(value >> 64n));
  },
  timeOf: (moment) => moment,
  momentAt: (time) => bounded(Math.floor(time), Number.MAX_SAFE_INTEGER),
  before: (moment) =>
    moment <= firstFlake ? String(Math.max(0, moment - 1)) : flake((BigInt(moment) << 64n) - 1n),
  behind: (moment) => (moment < firstFlake - 1 ? String(moment + 1) : flake((BigInt(moment) + 1n) << 64n)),
};

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function flake(value: bigint): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= 62n) text = base62[Number(rest % 62n)] + text;
  return text.padStart(18, '0');
}

const sound = (moment: number): number | undefined => (Number.isSafeInteger(moment) ? moment : undefined);
const bounded = (moment: number, most: number): number => Math.min(Math.max(0, moment), most);

const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const base36 = '0123456789abcdefghijklmnopqrstuvwxyz';
const hex = '0123456789abcdef';
const year2000 = 946_684_800_000;

const schemes: readonly IdScheme[] = [
  numbers('Mastodon', 0, 16, 4),
  numbers('Pixelfed', 1_549_756_800_000, 22, 8),
  texts({ name: 'ULID', form: /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, digits: base32, from: 0, to: 10, length: 26 }),
  texts({ name: 'aid', form: /^[0-9a-z]{10}$/, digits: base36, from: 0, to: 8, length: 10, epoch: year2000 }),
  texts({
    name: 'aidx',
    form: /^[0-9a-z]{16}$/,
    digits: base36,
    from: 0,
    to: 8,
    length: 16,
    epoch: year2000,
  }),
  texts({
    ...{ name: 'meid', form: /^[0-9a-f]{24}$/, digits: hex, from: 0, to: 12, length: 24 },
    epoch: -0x8000_0000_0000,
  }),
  texts({
    ...{ name: 'meidg', form: /^g[0-9a-f]{23}$/, digits: hex, from: 1, to: 12, length: 24 },
    mark: 'g',
  }),
  texts({
    ...{ name: 'object id', form: /^[0-9a-f]{24}$/, digits: hex, from: 0, to: 8, length: 24 },
    unit: 1000,
  }),
  flakes,
];
