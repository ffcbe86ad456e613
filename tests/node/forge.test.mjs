// A page in a Forge frame: calls through the bridge, and progress by asking again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { forgeHost } from '../../forge/ui/src/host.js';
import { pageOf } from '../../forge/ui/src/modules.js';

function bridgeOf(answers) {
  const asked = [];
  return {
    asked,
    async invokeRemote(request) {
      asked.push(request);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    enableTheming: () => Promise.reject(new Error('not here')),
    showFlag: () => Promise.reject(new Error('not here')),
  };
}

test('a call goes through Forge with its path, its method and a body that is an object', async () => {
  const bridge = bridgeOf([{ status: 202, headers: {}, body: { job: {} } }, { status: 404, headers: {}, body: { error: {} } }]);
  const host = forgeHost(bridge);
  assert.deepEqual(await host.send('POST', '/api/issues/1/jobs', { a: 1 }), { status: 202, body: { job: {} } });
  assert.deepEqual(await host.send('GET', '/api/issues/2'), { status: 404, body: { error: {} } });
  assert.deepEqual(bridge.asked, [
    { path: '/api/issues/1/jobs', method: 'POST', headers: { Accept: 'application/json', 'Content-Type': 'application/json' }, body: { a: 1 } },
    { path: '/api/issues/2', method: 'GET', headers: { Accept: 'application/json' } },
  ]);
});

test('a job is asked for again, less often while nothing changes', async () => {
  const job = (state) => ({ status: 200, body: { id: '7', state } });
  const bridge = bridgeOf([...Array(12).fill('running'), 'drafted'].map(job));
  const host = forgeHost(bridge);
  const [rests, seen] = [[], []];
  for (let look = 0; look < 13; look += 1) rests.push(await host.watch('7', (one) => seen.push(one.state)));
  assert.equal(rests[0], 1000);
  assert.ok(rests.slice(0, 12).every((rest, at) => rest >= 1000 && rest <= 5000 && (at === 0 || rest >= rests[at - 1])), String(rests));
  assert.equal(rests[11], 5000);
  assert.equal(rests[12], 1000);
  assert.equal(seen.at(-1), 'drafted');
  assert.equal(bridge.asked[0].path, '/api/jobs/7');
});

test('an answer without a status, or none, is trouble; a refusal is one', async () => {
  const host = (answer) => forgeHost(bridgeOf([answer]));
  for (const nothing of [new Error('Remote invocation timed out after 25 seconds'), undefined, {}, { message: 'Invalid response from remote' }]) {
    await assert.rejects(host(nothing).send('GET', '/api/jobs'), { status: 0, message: /cannot be reached/ });
  }
  const unproven = new Error('Remote could not verify the Forge Invocation Token');
  await assert.rejects(host(unproven).send('GET', '/api/jobs'), { status: 401, message: /knows the app’s id/ });
  const refused = { status: 403, body: { error: { message: 'You may not see this.' } } };
  await assert.rejects(host(refused).watch('7', () => assert.fail()), { status: 403, message: 'You may not see this.' });
});

test('looks and notices never stand in the way', async () => {
  const host = forgeHost(bridgeOf([]));
  host.followTheme();
  host.followSize();
  host.flag('a', 'b');
  await new Promise((resolve) => setImmediate(resolve));
});

test('every module of the manifest that shows a page has one, with its place', () => {
  const manifest = readFileSync(new URL('../../forge/manifest.yml', import.meta.url), 'utf8');
  const modules = [...manifest.matchAll(/- key: (\S+)\n\s+resource: main/g)].map(([, key]) => key);
  assert.deepEqual(modules.sort(), ['brine-action', 'brine-admin', 'brine-context', 'brine-panel', 'brine-project', 'brine-project-settings']);
  const extension = { issue: { id: '10001', key: 'SHOP-1' }, project: { id: '1', key: 'SHOP' } };
  for (const moduleKey of modules) {
    const { name, place } = pageOf({ moduleKey, extension });
    assert.ok(['panel', 'admin', 'project', 'project-settings'].includes(name));
    assert.equal(place.issueId, '10001');
    assert.equal(place.projectKey, 'SHOP');
    assert.equal(Boolean(place.start), moduleKey === 'brine-action');
  }
  assert.throws(() => pageOf({ moduleKey: 'other' }), /no page for the module other/);
  assert.equal(pageOf({ moduleKey: 'brine-admin' }).place.issueId, undefined);
});
