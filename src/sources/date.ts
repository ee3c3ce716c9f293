const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?)?$/;
const mail =
  /^(?:[A-Za-z]{3,9},?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\s+(\d{4}|\d\d)\s+(\d\d):(\d\d)(?::(\d\d))?\s*([A-Za-z]{1,5}|[+-]\d\d:?\d\d)?$/;
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const zones: Readonly<Record<string, number>> = {
  z: 0,
  ut: 0,
  utc: 0,
  gmt: 0,
  est: -5,
  edt: -4,
  cst: -6,
  cdt: -5,
  mst: -7,
  mdt: -6,
  pst: -8,
  pdt: -7,
};

/**
 * ISO 8601, the dates of mails and feeds, Unix time in seconds or milliseconds; null for anything else.
 * `Date.parse` would take 'post 12' for a day in 2001. A time without a zone counts as UTC.
 */
export function readDate(value: unknown): string | null {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string' || text.length > 64) return null;
  const trimmed = text.trim();
  return fromUnix(trimmed) ?? fromIso(trimmed) ?? fromMail(trimmed);
}

/** Between 1973 and 5138 seconds and milliseconds cannot be confused; smaller numbers are rather years or nothing. */
function fromUnix(text: string): string | null {
  if (!/^\d{9,14}(\.\d+)?$/.test(text)) return null;
  const number = Number(text);
  if (number < 1e8 || number >= 1e14) return null;
  return new Date(number < 1e11 ? number * 1000 : number).toISOString();
}

function fromIso(text: string): string | null {
  const found = iso.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0)) as Six;
  const ms = Number(`${found[7] ?? ''}000`.slice(0, 3));
  return moment([year, month, day, hour, minute, second], found[8], ms);
}

function fromMail(text: string): string | null {
  const found = mail.exec(text);
  if (!found) return null;
  const year = Number(found[3]) + (found[3]!.length > 2 ? 0 : Number(found[3]) < 50 ? 2000 : 1900);
  const month = months.indexOf(found[2]!.toLowerCase()) + 1;
  return moment(
    [year, month, Number(found[1]), Number(found[4]), Number(found[5]), Number(found[6] ?? 0)],
    found[7],
  );
}

type Six = [year: number, month: number, day: number, hour: number, minute: number, second: number];

/** Null where the calendar or the clock has no such moment, the leap second and the year 0 among them. */
function moment([year, month, day, hour, minute, second]: Six, zone = 'Z', ms = 0): string | null {
  const offset = offsetOf(zone);
  const time = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const real = new Date(time);
  const exists =
    real.getUTCFullYear() === year && real.getUTCMonth() + 1 === month && real.getUTCDate() === day;
  if (offset === null || !exists || year < 1 || hour > 23 || minute > 59 || second > 59) return null;
  return new Date(time - offset * 60_000).toISOString();
}

/** Minutes east of Greenwich. */
function offsetOf(zone: string): number | null {
  const digits = /^([+-])(\d\d):?(\d\d)$/.exec(zone);
  if (digits) return (digits[1] === '-' ? -1 : 1) * (Number(digits[2]) * 60 + Number(digits[3]));
  const hours = zones[zone.toLowerCase()];
  return hours === undefined ? null : hours * 60;
}
