// Times as people say them.

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** "3 minutes ago", as an element that knows the exact time. */
export function timeElement(ms) {
  const element = document.createElement('time');
  element.dateTime = new Date(ms).toISOString();
  element.title = clock.format(ms);
  element.textContent = ago(ms);
  return element;
}

export function ago(ms, now = Date.now()) {
  const past = now - ms;
  if (past > 7 * 86_400_000) return clock.format(ms);
  for (const [unit, length] of UNITS) {
    if (past >= length) return relative.format(-Math.floor(past / length), unit);
  }
  return 'just now';
}

/** "8 s", "1 min 20 s". */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

const ROUGH_UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** "2 hours" of so many seconds: one unit, rounded. */
export function roughly(seconds) {
  for (const [unit, length] of ROUGH_UNITS) {
    // From one and a half on, so that 80 minutes are not "1 hour".
    if (seconds >= length * 1.5) {
      const number = Math.round(seconds / length);
      return `${number} ${unit}${number === 1 ? '' : 's'}`;
    }
  }
  return seconds > 45 ? '1 minute' : 'less than a minute';
}

const hours = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** "01:00", where the person is. */
export function clockTime(ms) {
  return hours.format(ms);
}
