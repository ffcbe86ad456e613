// The calls of forge/ui/src/bridge.js are the ones that Atlassian's own package makes, with the same outcome.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import * as ours from '../../../forge/ui/src/bridge.js';

let answers = [];
let calls = [];
// Before the package is loaded: it looks for the bridge at once.
globalThis.__bridge = {
  async callBridge(...call) {
    calls.push(call);
    return answers.shift();
  },
};
globalThis.window ??= globalThis;
const theirs = createRequire(import.meta.url)('@forge/bridge');

/** Runs both with the same answers of the page around, and gives what each asked and got. */
async function both(given, one, other) {
  const outcomes = [];
  for (const action of [one, other]) {
    answers = [...given];
    calls = [];
    const outcome = await action();
    outcomes.push({ calls, outcome });
  }
  return outcomes;
}

test('a call to the server is asked for in the same words, and its answer read the same way', async () => {
  const request = { path: '/api/jobs?limit=5', method: 'POST', headers: { Accept: 'application/json' }, body: { a: 1 } };
  for (const answer of [
    { success: true, payload: { status: 200, headers: {}, body: { jobs: [] } } },
    { success: true, payload: { status: 404, headers: {}, body: { error: { message: 'No.' } } } },
    { success: false, error: { message: 'Invalid response from remote' } },
    undefined,
  ]) {
    const [mine, atlassians] = await both([answer], () => ours.invokeRemote(request), () => theirs.invokeRemote(request));
    assert.deepEqual(mine, atlassians);
    assert.equal(mine.calls.length, 1);
  }
});

test('context, theme and notices are asked for in the same words', async () => {
  const context = { moduleKey: 'brine-panel', extension: { issue: { id: '1' } } };
  const [mine, atlassians] = await both([context], ours.getContext, theirs.view.getContext);
  assert.deepEqual(mine, atlassians);
  assert.deepEqual(...(await both([], ours.enableTheming, theirs.view.theme.enable)));
  const flag = { id: 'brine-1', title: 'Saved', description: 'x', type: 'success', isAutoDismiss: true };
  const [shown, theirsShown] = await both([], () => ours.showFlag(flag), () => theirs.showFlag(flag));
  assert.deepEqual(shown.calls, theirsShown.calls);
});

test('outside Jira there is a plain message', () => {
  const bridge = globalThis.__bridge;
  delete globalThis.__bridge;
  try {
    assert.throws(ours.getContext, /works inside Jira only/);
  } finally {
    globalThis.__bridge = bridge;
  }
});
