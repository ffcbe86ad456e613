// The rows of the admin's list.

import { button, el } from './dom.js';
import { stageOf } from './progress-view.js';
import { isFinal } from './follow.js';
import { duration, timeElement } from './time.js';
import { PLACES, STATES } from './words.js';

const COLUMNS = ['State', 'Issue', 'What', 'Who', 'Model', 'When', 'Took', 'Attempts', 'Notes', ''];

export function jobsTable(jobs, act) {
  return el(
    'div',
    { class: 'scroll' },
    el(
      'table',
      { class: 'jobs' },
      el('caption', { class: 'unseen' }, 'Jobs, newest first'),
      el('thead', {}, el('tr', {}, COLUMNS.map((name) => el('th', { scope: 'col' }, name || el('span', { class: 'unseen' }, 'Actions'))))),
      el('tbody', {}, jobs.map((job) => row(job, act))),
    ),
  );
}

function row(job, act) {
  const [label, colour] = STATES[job.state] ?? [job.state, ''];
  const took = job.startedAt ? duration((job.finishedAt ?? Date.now()) - job.startedAt) : '';
  const cells = [
    el('span', { class: `lozenge ${colour}` }, label),
    job.issueKey,
    what(job),
    who(job),
    job.model ? el('span', { title: `prompt ${job.prompt}, seed ${job.seed}` }, job.model + (job.adapter ? ` + ${job.adapter}` : '')) : '',
    timeElement(job.createdAt),
    took,
    `${job.attempts} of ${job.maxAttempts}`,
    notes(job),
    actions(job, act),
  ];
  return el(
    'tr',
    { 'data-job': job.id },
    cells.map((cell, at) => {
      const kind = at === 8 ? `why${job.state === 'failed' ? '' : ' waits'}` : at === 3 ? '' : 'narrow';
      return el('td', { 'data-label': COLUMNS[at], class: cell === '' || cell === null ? `${kind} void` : kind }, cell);
    }),
  );
}

function what(job) {
  if (job.task === 'withdraw') return 'Undo';
  if (job.task === 'scenario') return 'One scenario';
  return job.task === 'publish' ? `Write to ${PLACES[job.target] ?? 'Jira'}` : 'Generate';
}

function who(job) {
  const name = job.requestedByName ?? job.requestedBy ?? '';
  if (job.class === 'automatic') return name ? `Automatic (${name})` : 'Automatic';
  if (job.class === 'bulk') return name ? `Bulk run (${name})` : 'Bulk run';
  return name || 'Unknown';
}

function notes(job) {
  if (isFinal(job)) return [job.error, ...(job.notes ?? []).map((note) => note.text)].filter(Boolean).join(' ');
  return stageOf(job)[0];
}

function actions(job, act) {
  const can = (action, label) =>
    button(label, () => act(job, action), {
      'data-job': job.id,
      'data-action': action,
      'aria-label': `${label} ${job.issueKey}`,
    });
  if (!isFinal(job)) return can('cancel', 'Cancel');
  if (['failed', 'cancelled', 'skipped'].includes(job.state)) return can('retry', 'Retry');
  return '';
}

/** Says what to do, not only that there is nothing. */
export function nothingHere(filter) {
  if (filter.state || filter.issue) {
    return el('div', { class: 'nothing' }, el('h2', {}, 'No job fits this filter'), el('p', { class: 'quiet' }, 'Choose “All” and clear the issue key to see every job.'));
  }
  return el(
    'div',
    { class: 'nothing' },
    el('h2', {}, 'No jobs yet'),
    el('p', {}, 'Open a story, choose “Acceptance criteria” in the issue, and press “Generate acceptance criteria”. The job shows up here at once.'),
    el('p', { class: 'quiet' }, 'To have criteria written for new issues by themselves, open a project’s settings, choose “Brine settings”, and switch it on.'),
  );
}
