// A page in a Connect frame: context tokens, and progress as a stream of events.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connectHost } from '../../web/assets/connect.js';
import { eventReader } from '../../web/assets/events.js';

let tokens = 0;
const jira = { context: { getToken: (callback) => callback(`token-${(tokens += 1)}`) } };

/** Stands in for the network: answers in turn, and keeps what was asked. */
function network(t, answers) {
  const asked = [];
  t.mock.method(globalThis, 'fetch', async (address, options) => {
    asked.push({ address, ...options });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return asked;
}

const streamOf = (...chunks) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    }),
  );

test('each call carries a fresh context token and never the browser’s own cookies', async (t) => {
  const asked = network(t, [Response.json({ a: 1 }), new Response('<html>', { status: 502 })]);
  const host = connectHost(jira, '/under');
  tokens = 0;
  assert.deepEqual(await host.send('PUT', '/api/drafts/1', { text: 'é' }), { status: 200, body: { a: 1 } });
  assert.deepEqual(await host.send('GET', '/api/jobs'), { status: 502, body: undefined });
  assert.deepEqual(asked.map(({ address, method, headers, body }) => [address, method, headers.Authorization, body]), [
    ['/under/api/drafts/1', 'PUT', 'JWT token-1', '{"text":"é"}'],
    ['/under/api/jobs', 'GET', 'JWT token-2', undefined],
  ]);
  assert.ok(asked.every(({ credentials, cache }) => credentials === 'omit' && cache === 'no-store'));
});

test('progress is read from the stream, also where events are cut in two', async (t) => {
  const asked = network(t, [streamOf('event: progress\ndata: {"state":"que', 'ued"}\n\n: still here\n\ndata: {"state":"written"}\n', '\n')]);
  const seen = [];
  await connectHost(jira, '').watch('a b', (job) => seen.push(job.state), new AbortController().signal);
  assert.deepEqual(seen, ['queued', 'written']);
  assert.equal(asked[0].address, '/api/jobs/a%20b/events');
});

test('a stream that is refused says why, after a second token', async (t) => {
  const refused = () => Response.json({ error: { message: 'There is no such job.' } }, { status: 404 });
  const ended = () => Response.json({ error: { message: 'The token has ended.' } }, { status: 401 });
  const asked = network(t, [ended(), refused()]);
  await assert.rejects(connectHost(jira, '').watch('7', () => {}, new AbortController().signal), {
    status: 404,
    message: 'There is no such job.',
  });
  assert.equal(asked.length, 2);
});

test('without an answer, or without Jira around it, the page says so', async (t) => {
  network(t, [new TypeError('failed to fetch')]);
  await assert.rejects(connectHost(jira, '').send('GET', '/api/jobs'), { status: 0, message: /cannot be reached/ });
  await assert.rejects(connectHost(undefined, '').send('GET', '/api/jobs'), /works inside Jira only/);
  const nobody = { context: { getToken: (callback) => callback(undefined) } };
  await assert.rejects(connectHost(nobody, '').send('GET', '/api/jobs'), /Log in to Jira/);
  // What is only for looks never stands in the way.
  const bare = connectHost(undefined, '');
  bare.followTheme();
  bare.followSize({});
  bare.flag('a', 'b');
});

test('events may have several lines of data and any kind of line end', () => {
  const seen = [];
  const feed = eventReader((data) => seen.push(data));
  feed('data: a\r\ndata:b\r\n\r\nid: 1\n\ndata: c\n');
  assert.deepEqual(seen, ['a\nb']);
  feed('\n');
  assert.deepEqual(seen, ['a\nb', 'c']);
});
