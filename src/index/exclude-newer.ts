import { PenError, excerpt } from "#foundation";

const day = 86_400_000;

const units: Readonly<Record<string, number>> = {
  second: 1000,
  sec: 1000,
  s: 1000,
  minute: 60_000,
  min: 60_000,
  m: 60_000,
  hour: 3_600_000,
  hr: 3_600_000,
  h: 3_600_000,
  day,
  d: day,
  week: 7 * day,
  w: 7 * day,
};

/**
 * The moment that `--exclude-newer` means, in milliseconds since 1970: a date and time by RFC 3339 (`2024-05-01T12:00:00Z`), a
 * date (its whole day in UTC counts, on every machine), or a duration before `now`: `30 days`, `1 week 2 days`, `P30D`, `PT24H`.
 * Months and years have no length of their own and are refused. Throws USAGE.
 */
export function parseExcludeNewer(text: string, now: number): number {
  const trimmed = text.trim();
  const moment = trimmed.length > 64 ? undefined : (parseMoment(trimmed) ?? parseIsoDuration(trimmed, now) ?? parseWords(trimmed, now));
  if (moment !== undefined && Number.isFinite(moment)) return moment;
  throw new PenError("USAGE", `Not a date or duration: ${excerpt(text)}`, {
    hint: "Write a date (2024-05-01), a date and time (2024-05-01T12:00:00Z), or a duration (30 days, P30D, 24 hours, 1 week).",
  });
}

const momentPattern = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):(\d\d)))?$/;

function parseMoment(text: string): number | undefined {
  const match = momentPattern.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const start = Date.UTC(year, month - 1, date);
  const real = new Date(start);
  if (real.getUTCMonth() !== month - 1 || real.getUTCDate() !== date || hour > 23 || minute > 59 || second > 60) return undefined;
  if (match[4] === undefined) return start + day - 1;
  const fraction = match[7] === undefined ? 0 : Math.floor(Number(`0.${match[7]}`) * 1000);
  const offset = match[8] === undefined ? 0 : (match[8] === "-" ? -1 : 1) * (Number(match[9]) * 60 + Number(match[10])) * 60_000;
  return start + hour * 3_600_000 + minute * 60_000 + second * 1000 + fraction - offset;
}

function parseIsoDuration(text: string, now: number): number | undefined {
  const match = /^[Pp](?:(\d{1,6})[Ww])?(?:(\d{1,6})[Dd])?(?:[Tt](?:(\d{1,6})[Hh])?(?:(\d{1,6})[Mm])?(?:(\d{1,9})[Ss])?)?$/.exec(text);
  if (match === null || match.slice(1).every((part) => part === undefined)) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return now - (weeks * 7 + days) * day - hours * 3_600_000 - minutes * 60_000 - seconds * 1000;
}

function parseWords(text: string, now: number): number | undefined {
  let length = 0;
  let rest = text.toLowerCase().replace(/\s+ago$/, "");
  while (rest !== "") {
    const match = /^(\d{1,9})\s*([a-z]+)[\s,]*/.exec(rest);
    const word = match?.[2] ?? "";
    const unit = units[word] ?? units[word.replace(/s$/, "")];
    if (match === null || unit === undefined) return undefined;
    length += Number(match[1]) * unit;
    rest = rest.slice(match[0].length);
  }
  return text === "" ? undefined : now - length;
}
