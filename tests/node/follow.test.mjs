// Following a job, whatever way its progress comes, and the calls around it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ApiError, apiOver } from '../../web/assets/api.js';
import { follow } from '../../web/assets/follow.js';

/** A host whose looks go as told: a list of jobs to show, or an error to throw. */
function hostOf(looks, rest = 0) {
  const asked = [];
  const host = {
    async watch(id, take) {
      asked.push(id);
      const look = looks.shift();
      if (look instanceof Error) throw look;
      for (const job of look) take(job);
      return rest;
    },
  };
  return { host, asked };
}

async function run(host, more = {}) {
  const [jobs, troubles, pauses] = [[], [], []];
  const ended = await follow(host, '7', {
    onJob: (job) => jobs.push(job.state),
    onTrouble: (text) => troubles.push(text),
    signal: new AbortController().signal,
    pause: async (ms) => pauses.push(ms),
    ...more,
  });
  return { ended, jobs, troubles, pauses };
}

const queued = { id: '7', state: 'queued' };
const running = { id: '7', state: 'running' };

test('a job is shown at each change until it has ended', async () => {
  for (const state of ['drafted', 'written', 'withdrawn', 'failed', 'cancelled', 'skipped']) {
    const { host, asked } = hostOf([[queued, running], [{ id: '7', state }], [queued]], 700);
    const { ended, jobs, pauses } = await run(host);
    assert.equal(ended.state, state);
    assert.deepEqual(jobs, ['queued', 'running', state]);
    assert.deepEqual(asked, ['7', '7']);
    assert.deepEqual(pauses, [700]);
  }
});

test('what breaks is tried again, later and later, and trouble is told until it is over', async () => {
  const broken = () => new Error('gone');
  const { host } = hostOf([broken(), broken(), broken(), broken(), broken(), broken(), [running], [{ id: '7', state: 'written' }]]);
  const { troubles, pauses } = await run(host);
  assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 8000, 500]);
  assert.equal(troubles.filter((text) => text?.includes('Trying again')).length, 6);
  assert.equal(troubles.at(-1), null);
});

test('looks that show nothing are no reason to ask without rest', async () => {
  const { host } = hostOf([[], [], [{ id: '7', state: 'written' }]]);
  assert.deepEqual((await run(host)).pauses, [500, 1000]);
});

test('what Brine refuses ends it; that it is asked too often does not', async () => {
  for (const status of [400, 401, 403, 404]) {
    const { host, asked } = hostOf([new ApiError(status, 'No.')]);
    await assert.rejects(run(host), { status, message: 'No.' });
    assert.equal(asked.length, 1);
  }
  for (const status of [0, 429, 500, 503]) {
    const { host } = hostOf([new ApiError(status, 'Later.'), [{ id: '7', state: 'written' }]]);
    assert.equal((await run(host)).ended.state, 'written');
  }
});

test('a page that goes on to something else stops looking', async () => {
  const stop = new AbortController();
  const { host, asked } = hostOf([[running], [running], [running]]);
  const pause = async () => stop.abort();
  assert.equal((await run(host, { signal: stop.signal, pause })).ended, null);
  assert.equal(asked.length, 1);
  const broken = hostOf([new Error('cut')]);
  broken.host.watch = async () => {
    stop.abort();
    throw new Error('cut');
  };
  assert.equal((await run(broken.host, { signal: stop.signal })).ended, null);
});

function sendingHost(answers) {
  const sent = [];
  return { sent, send: async (...request) => (sent.push(request), answers.shift()) };
}

test('calls go to their routes and give the answer', async () => {
  const host = sendingHost([{ status: 200, body: { a: 1 } }, { status: 202, body: {} }, { status: 200, body: {} }]);
  const api = apiOver(host);
  assert.deepEqual(await api.issue('10/1'), { a: 1 });
  await api.accept('d', { version: 2 });
  await api.jobs({ state: '', issue: 'SHOP-1 &x' });
  assert.deepEqual(host.sent, [
    ['GET', '/api/issues/10%2F1', undefined],
    ['POST', '/api/drafts/d/accept', { version: 2 }],
    ['GET', '/api/jobs?state=&issue=SHOP-1+%26x', undefined],
  ]);
});

test('a token that ended on the way is replaced once', async () => {
  const once = sendingHost([{ status: 401, body: {} }, { status: 200, body: 'fine' }]);
  assert.equal(await apiOver(once).siteSettings(), 'fine');
  const twice = sendingHost([{ status: 401, body: {} }, { status: 401, body: { error: { message: 'Log in.' } } }]);
  await assert.rejects(apiOver(twice).siteSettings(), { status: 401, message: 'Log in.' });
  assert.equal(twice.sent.length, 2);
});

test('a refusal says what Brine said, and something sensible where Brine said nothing', async () => {
  const told = sendingHost([{ status: 400, body: { error: { message: 'No When.', line: 3 } } }]);
  await assert.rejects(apiOver(told).saveDraft('d', 'x', 1), { status: 400, message: 'No When.', line: 3 });
  for (const answer of [{ status: 502, body: undefined }, { status: 200, body: undefined }, { status: 500, body: '<html>' }]) {
    await assert.rejects(apiOver(sendingHost([answer])).adapters(), /did not answer as expected/);
  }
});
