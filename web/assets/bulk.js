// Many stories at once: the day's stories, and the run over all stories that a JQL finds: counted first, started, followed,
// paused and stopped. Below the admin's list of jobs.

import { announce, button, count, el } from './dom.js';
import { message, words } from './errors.js';
import { choice, field, fieldset } from './form.js';
import { clockTime, roughly, timeElement } from './time.js';

const STATES = {
  running: ['Running', 'info'],
  paused: ['Paused', 'careful'],
  done: ['Done', 'good'],
  cancelled: ['Stopped', ''],
  failed: ['Failed', 'bad'],
};
const USUAL_MOST = 500;
const STOP = 'Stop the run';
const SURE = 'Stop for good?';

const isLive = (run) => run && (run.state === 'running' || run.state === 'paused');

/** The section with the run; it fills itself, and follows while the page is looked at. */
export function bulkRuns({ api, host }) {
  const usage = el('p', { id: 'usage', class: 'quiet' });
  const trouble = el('div', { id: 'bulk-trouble' });
  const runPlace = el('div', { id: 'bulk-run' }, el('p', { class: 'quiet' }, 'Loading …'));
  const formPlace = el('div', { id: 'bulk-start' });
  let shown = '';
  let busy = false;

  async function load() {
    if (busy) return;
    try {
      draw(await api.bulk());
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
    }
  }

  function draw(answer) {
    usage.textContent = usageOf(answer.usage);
    const { run } = answer;
    const now = JSON.stringify([run, answer.mostPerRun, Math.floor(Date.now() / 30_000)]);
    if (now === shown) return;
    shown = now;
    const { activeElement } = document;
    const focused = runPlace.contains(activeElement) ? activeElement.dataset.order : undefined;
    // Somebody is about to stop it.
    if (focused === 'stop' && activeElement.textContent === SURE && isLive(run)) {
      shown = '';
      return;
    }
    runPlace.replaceChildren(...(run ? [runView(run, order)] : []));
    if (focused) runPlace.querySelector(`[data-order="${focused}"]`)?.focus({ preventScroll: true });
    // What somebody is typing stays over a redraw.
    if (isLive(run)) formPlace.replaceChildren();
    else if (!formPlace.hasChildNodes()) formPlace.append(startForm(answer.mostPerRun, { api, start }));
  }

  async function work(action) {
    busy = true;
    trouble.replaceChildren();
    try {
      await action();
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
    } finally {
      busy = false;
    }
    await load();
  }

  const order = (action, run) =>
    work(async () => {
      await api[action](run.id);
      announce({ pauseBulk: 'The run is paused.', resumeBulk: 'The run goes on.', cancelBulk: 'The run is stopped.' }[action]);
    });

  const start = (asked) =>
    work(async () => {
      await api.startBulk(asked);
      announce('The run has begun.');
      host.flag('Bulk run started', 'Progress is shown on this page.');
    });

  load();
  setInterval(() => {
    if (document.visibilityState === 'visible') load();
  }, host.listEveryMs);
  return el(
    'section',
    { 'aria-labelledby': 'bulk-heading' },
    el('h2', { id: 'bulk-heading', class: 'large' }, 'Many stories at once'),
    usage,
    trouble,
    runPlace,
    formPlace,
  );
}

export function usageOf({ today, perDay, until }) {
  const begun = `${count(today, 'story', 'stories')} begun today`;
  if (perDay === null) return `${begun}; no daily limit.`;
  return `${begun} of at most ${perDay}; a new day begins at ${clockTime(until)}.`;
}

function runView(run, order) {
  const [label, colour] = STATES[run.state] ?? [run.state, ''];
  const ended = run.done + run.failed + run.skipped;
  const live = isLive(run);
  return el(
    'div',
    { class: 'run', 'data-run': run.id, 'data-state': run.state },
    el('div', { class: 'headline' }, el('h3', {}, live ? 'This run' : 'The last run'), el('span', { class: `lozenge ${colour}` }, label)),
    el('code', { class: 'jql' }, run.jql),
    el('progress', { max: String(Math.max(run.total, 1)), value: String(ended), 'aria-label': 'Stories that are through' }),
    el('p', {}, `${ended} of ${live ? 'about ' : ''}${run.total}: ${partsOf(run)}.`, timeLeft(run)),
    run.error && message(run.state === 'failed' ? 'error' : 'warning', sentence(run.error)),
    el('p', { class: 'quiet small' }, 'Started ', timeElement(run.createdAt), run.createdByName ? ` by ${run.createdByName}` : '', ` · ${whatFor(run)}`),
    live &&
      el(
        'div',
        { class: 'actions' },
        run.state === 'running'
          ? button('Pause', () => order('pauseBulk', run), { 'data-order': 'pause' })
          : button('Go on', () => order('resumeBulk', run), { 'data-order': 'pause', class: 'primary' }),
        stopButton(run, order),
      ),
  );
}

/** It can't be undone, so the first press only asks. */
function stopButton(run, order) {
  const press = () => {
    if (stop.textContent === SURE) return order('cancelBulk', run);
    stop.textContent = SURE;
    return undefined;
  };
  const stop = button(STOP, press, { 'data-order': 'stop' });
  stop.addEventListener('blur', () => {
    stop.textContent = STOP;
  });
  return stop;
}

function partsOf(run) {
  const parts = [`${run.done} ${run.publish ? 'written' : 'drafted'}`];
  if (run.failed > 0) parts.push(`${run.failed} failed`);
  if (run.skipped > 0) parts.push(`${run.skipped} left out`);
  if (run.waiting > 0) parts.push(`${run.waiting} in the queue or at work`);
  return parts.join(', ');
}

function timeLeft(run) {
  return run.secondsLeft ? ` About ${roughly(run.secondsLeft)} left.` : '';
}

function whatFor(run) {
  const target = run.publish ? 'criteria go to Jira as each project’s settings say' : 'criteria wait as drafts';
  return `at most ${count(run.most, 'story', 'stories')}, ${target}${run.again ? ', also for stories that have some' : ''}`;
}

const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

function startForm(mostPerRun, { api, start }) {
  const jql = el('textarea', { id: 'bulk-jql', rows: '2', spellcheck: 'false', placeholder: 'project = SHOP AND issuetype = Story AND statusCategory = "To Do"' });
  const most = el('input', { type: 'number', id: 'bulk-most', min: '1', max: String(mostPerRun), value: String(Math.min(USUAL_MOST, mostPerRun)) });
  const drafts = el('input', { type: 'radio', name: 'bulk-target', id: 'bulk-drafts', checked: true });
  const publish = el('input', { type: 'radio', name: 'bulk-target', id: 'bulk-publish' });
  const again = el('input', { type: 'checkbox', id: 'bulk-again' });
  const result = el('div', { id: 'bulk-cost', 'aria-live': 'polite' });
  const asked = () => ({ jql: jql.value, most: Number(most.value), publish: publish.checked, again: again.checked });

  async function countStories() {
    try {
      const wanted = asked();
      const cost = await api.countBulk(wanted);
      result.replaceChildren(
        message(null, ...costOf(cost, wanted), cost.stories > 0 && button(`Start for ${upTo(cost.stories)}`, () => start(wanted), { class: 'primary' })),
      );
    } catch (error) {
      result.replaceChildren(message('error', words(error)));
    }
  }

  const form = el(
    'form',
    {
      class: 'bulk-form',
      novalidate: true,
      onsubmit: (event) => event.preventDefault(),
      // What was counted is no longer what would be started.
      oninput: () => result.replaceChildren(),
    },
    fieldset(
      'Write criteria for all stories that a JQL finds',
      field('JQL', jql, 'In the order in which the JQL finds them, behind everything that people and projects ask for.'),
      field('At most so many stories', most, `Up to ${mostPerRun}. Stories that are left out do not count.`),
      choice(drafts, 'Keep them as drafts', 'Somebody looks at each in the issue and accepts it. Nothing is written to Jira by itself.'),
      choice(publish, 'Write them to Jira', 'To where each project’s Brine settings say, without anybody looking first.'),
      choice(again, 'Also stories that have criteria of Brine’s', 'Otherwise these are left out. A draft that somebody has begun to edit is always left alone.'),
      el('div', { class: 'actions' }, button('Count stories', countStories)),
      result,
    ),
  );
  return form;
}

const upTo = (stories) => (stories === 1 ? '1 story' : `up to ${stories} stories`);

/** What counting brought, in sentences: `[text]`. */
export function costOf(cost, { most }) {
  if (cost.matches === 0) return ['This JQL finds no issue now.'];
  const found = `About ${count(cost.matches, 'issue')} found${cost.matches > most ? `; the first ${most} without criteria get some` : ''}.`;
  const pace = cost.measured ? 'as stories of this site took lately' : 'as the default model took on two cores; this site has no stories of its own to measure yet';
  const time = `If none has criteria yet, this takes about ${roughly(cost.seconds)} (${Math.round(cost.secondsPerStory)} s a story, ${pace}, ${cost.workers} at a time)`;
  const points = `and at most ${cost.points} of the ${cost.pointsAnHour} points that Jira gives an app for an hour.`;
  const days = cost.days ? ` The daily limit spreads it over ${count(cost.days, 'day')}.` : '';
  return [`${found} ${time} ${points}${days}`];
}
