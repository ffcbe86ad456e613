// What the admin's page says of a bulk run before and while it goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { costOf, usageOf } from '../../web/assets/bulk.js';
import { stageOf } from '../../web/assets/progress-view.js';
import { roughly } from '../../web/assets/time.js';

const COST = { matches: 1200, stories: 500, seconds: 5000, points: 4700, pointsAnHour: 65000, days: null, secondsPerStory: 19.6, measured: true, workers: 2 };

test('a cost is told in sentences', () => {
  const [told] = costOf(COST, { most: 500 });
  assert.match(told, /^About 1200 issues found; the first 500 without criteria get some\. /);
  assert.match(told, /takes about 83 minutes \(20 s a story, as stories of this site took lately, 2 at a time\) and at most 4700 of the 65000 points/);
  assert.doesNotMatch(told, /daily limit/);
  const [fewer] = costOf({ ...COST, matches: 1, stories: 1, days: 3, measured: false }, { most: 500 });
  assert.match(fewer, /^About 1 issue found\. .*no stories of its own to measure yet.* The daily limit spreads it over 3 days\.$/);
  assert.deepEqual(costOf({ ...COST, matches: 0, stories: 0 }, { most: 5 }), ['This JQL finds no issue now.']);
});

test('what is used of a day is told with its limit, if there is one', () => {
  assert.equal(usageOf({ today: 1, perDay: null, until: 0 }), '1 story begun today; no daily limit.');
  assert.match(usageOf({ today: 20, perDay: 50, until: 0 }), /^20 stories begun today of at most 50; a new day begins at .+\.$/);
});

test('times are rough and never nothing', () => {
  const told = [0, 45, 46, 89, 90, 600, 5000, 5400, 86_400, 130_000, 1_000_000].map(roughly);
  assert.deepEqual(told, [
    'less than a minute', 'less than a minute', '1 minute', '1 minute', '2 minutes', '10 minutes', '83 minutes', '2 hours', '24 hours', '2 days', '12 days',
  ]);
});

test('a job that waits says what it waits for', () => {
  const waits = { state: 'queued', attempts: 0, progress: { stage: 'queued', ahead: 0 } };
  assert.deepEqual(stageOf(waits), ['Next in line', 0]);
  assert.deepEqual(stageOf({ ...waits, error: 'paused with its bulk run' }), ['Waiting. Paused with its bulk run', 0]);
  assert.deepEqual(stageOf({ ...waits, attempts: 2, error: 'Jira is away.' }), ['Waiting to try again. Jira is away.', 0]);
});
