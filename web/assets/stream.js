// A job's progress. EventSource cannot send a token, so the stream is read by hand.

import { open } from './api.js';

const PAUSES_MS = [500, 1000, 2000, 4000, 8000];
const FINAL = new Set(['drafted', 'written', 'failed', 'cancelled', 'skipped']);

export const isFinal = (job) => FINAL.has(job.state);

/** The `data` of each event in a stream of text. */
export function eventReader(onData) {
  let rest = '';
  let data = [];
  return (text) => {
    rest += text;
    const lines = rest.split(/\r\n|\n|\r/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) onData(data.join('\n'));
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  };
}

/**
 * Calls `onJob` with the job now and after each change, until it has ended; then returns it. A broken connection is
 * opened again; `onTrouble` is told while it is broken, and with nothing once it is back.
 */
export async function follow(id, onJob, onTrouble, signal) {
  let job = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const response = await open('GET', `/api/jobs/${encodeURIComponent(id)}/events`, undefined, signal);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const take = eventReader((data) => {
        job = JSON.parse(data);
        failures = 0;
        onTrouble(null);
        onJob(job);
      });
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        take(value);
      }
      if (job && isFinal(job)) return job;
    } catch (error) {
      if (signal.aborted) return null;
      // What Brine refused will be refused again.
      if (error.status >= 400 && error.status < 500) throw error;
      onTrouble('The connection was lost. Trying again …');
    }
    const pause = PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)];
    failures += 1;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return null;
}
