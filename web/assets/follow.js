// Following a job until it has ended, whatever way its progress comes.

const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const FINAL = new Set(['drafted', 'written', 'withdrawn', 'failed', 'cancelled', 'skipped']);

export const isFinal = (job) => FINAL.has(job.state);

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What Brine refused will be refused again; that it is asked too often passes. */
const isForGood = (error) => error.status >= 400 && error.status < 500 && error.status !== 429;

/**
 * Calls `onJob` with the job now and after each change, until it has ended; then gives it, or null when `signal` stops
 * it first. `host.watch(id, take, signal)` looks once, for as long as its way of looking lasts, hands what it sees to
 * `take`, and gives the milliseconds to rest before the next look. A look that fails is repeated; `onTrouble` is told
 * while it fails, and with null once it is well again.
 */
export async function follow(host, id, { onJob, onTrouble, signal, pause = sleep }) {
  let job = null;
  let failures = 0;
  while (!signal.aborted) {
    let rest = 0;
    failures += 1;
    try {
      rest = await host.watch(
        id,
        (seen) => {
          job = seen;
          failures = 0;
          onTrouble(null);
          onJob(seen);
        },
        signal,
      );
      if (job && isFinal(job)) return job;
    } catch (error) {
      if (signal.aborted) return null;
      if (isForGood(error)) throw error;
      onTrouble('The connection was lost. Trying again …');
      rest = 0;
    }
    await pause(Math.max(rest, PAUSES_MS[Math.min(Math.max(failures, 1), PAUSES_MS.length) - 1]));
  }
  return null;
}
