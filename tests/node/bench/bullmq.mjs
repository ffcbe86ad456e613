// BullMQ at what Brine's queue is measured at: jobs are added, taken, and finished. Prints one line of JSON.
//
// Set up as its documentation advises for speed: one worker with many jobs in flight, jobs removed when they are done, adding in
// bulk in the mode of that name. Jobs carry no more than a number. Durability is the server's, and the same for both.
import { Queue, Worker } from 'bullmq';

const [port, mode, jobs, consumers] = [process.argv[2], process.argv[3], ...process.argv.slice(4).map(Number)];
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null };
const options = { removeOnComplete: true, removeOnFail: true };
const CHUNK = 500;

const queue = new Queue('bench', { connection });
await queue.waitUntilReady();

const waits = [];
let done = 0;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const worker = new Worker(
  'bench',
  async (job) => {
    if (job.data.at) waits.push(performance.now() - job.data.at);
  },
  { connection, concurrency: consumers },
);
worker.on('completed', () => {
  done += 1;
  if (done === jobs) finish();
});
await worker.waitUntilReady();

async function addOneByOne(producers) {
  let next = 0;
  const produce = async () => {
    while (next < jobs) {
      next += 1;
      await queue.add('job', { n: next }, options);
    }
  };
  await Promise.all(Array.from({ length: producers }, produce));
}

async function addInBulk() {
  for (let from = 0; from < jobs; from += CHUNK) {
    const size = Math.min(CHUNK, jobs - from);
    await queue.addBulk(Array.from({ length: size }, (_, n) => ({ name: 'job', data: { n: from + n }, opts: options })));
  }
}

// At a pace that leaves both idle at times, as clicks and webhooks come.
async function addAtPace(perSecond) {
  const begin = performance.now();
  for (let n = 0; n < jobs; n += 1) {
    const due = begin + (n * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    queue.add('job', { n, at: performance.now() }, options);
  }
}

const begin = performance.now();
if (mode === 'one-by-one') await addOneByOne(consumers);
else if (mode === 'bulk') await addInBulk();
else await addAtPace(Number(mode));
await finished;
const seconds = (performance.now() - begin) / 1000;

waits.sort((a, b) => a - b);
const at = (share) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? null;
console.log(JSON.stringify({ rate: jobs / seconds, p50: at(0.5), p99: at(0.99) }));
await worker.close();
await queue.close();
