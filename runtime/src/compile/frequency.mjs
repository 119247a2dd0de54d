/** How often a sync may run: `every hour`, `every 5 minutes`, `every half day`, or what `ms` understands. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const WORDS = {
  'half day': 12 * HOUR, 'half hour': 30 * MINUTE, 'quarter hour': 15 * MINUTE, hour: HOUR, day: DAY, week: 7 * DAY, month: 30 * DAY,
};
const UNITS = [
  [/^(ms|msecs?|milliseconds?)$/, 1], [/^(s|secs?|seconds?)$/, 1000], [/^(m|mins?|minutes?)$/, MINUTE], [/^(h|hrs?|hours?)$/, HOUR],
  [/^(d|days?)$/, DAY], [/^(w|weeks?)$/, 7 * DAY], [/^(y|yrs?|years?)$/, 365.25 * DAY],
];
const SHORTEST = 30_000;

/**
 * @param {string} frequency
 * @returns {string | undefined} what is wrong with it
 */
export function frequencyProblem(frequency) {
  const rest = frequency.replace('every ', '').trim();
  const [, count, unit] = /^(\d*\.?\d+)? ?([a-z]+)$/i.exec(rest) ?? [];
  const length = WORDS[rest] ?? Number(count ?? 1) * (UNITS.find(([names]) => names.test((unit ?? '').toLowerCase()))?.[1] ?? 0);
  if (!length) return `The frequency '${frequency}' is not understood; write for example 'every hour' or 'every 5 minutes'`;
  return length < SHORTEST ? `The frequency '${frequency}' is shorter than 30 seconds` : undefined;
}
