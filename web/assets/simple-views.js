// The views with little to decide: nothing yet, failed, written, and no way to show anything.

import { madeBy, notesOn, questionsBox, scenarioCard } from './card.js';
import { button, count, el } from './dom.js';
import { message } from './errors.js';
import { copyButton, downloadButton } from './take-away.js';
import { timeElement } from './time.js';
import { PLACES } from './words.js';

const GENERATE = 'Generate acceptance criteria';

export function emptyView({ mayGenerate, notice, stopped, generate }) {
  return [
    notice && message('error', notice),
    el(
      'div',
      { class: 'empty' },
      el(
        'p',
        { 'data-focus': true, tabindex: '-1' },
        stopped
          ? 'Stopped. Nothing was written. You can start again at any time.'
          : 'Brine reads the summary and description of this story and writes Gherkin scenarios for you to review.',
      ),
      mayGenerate
        ? button(GENERATE, generate, { class: 'primary' })
        : el('p', { class: 'quiet' }, 'To generate criteria you need permission to edit this issue.'),
    ),
  ];
}

export function failedView({ reason, draft, issue, retry, isWriting = false, canRetry }) {
  return [
    el('h2', { 'data-focus': true, tabindex: '-1' }, isWriting ? 'The criteria are not in Jira yet' : 'No criteria were written'),
    message('error', reason, ...(canRetry ? [button('Try again', retry, { class: 'primary' })] : [])),
    draft && el('div', { class: 'actions' }, copyButton(draft), downloadButton(issue, draft)),
    draft && notesOn(draft),
    draft && cardsOf(draft),
  ].flat().filter(Boolean);
}

export function writtenView({ issue, draft, written, target, may, problem, again, undo }) {
  const wroteIt = written;
  const place = PLACES[wroteIt?.target ?? target];
  const isPlaced = place && (wroteIt?.target ?? target) !== 'draft';
  return [
    problem && message('error', problem),
    el(
      'div',
      { class: 'headline' },
      el('h2', { 'data-focus': true, tabindex: '-1' }, isPlaced ? `The criteria are in ${place}` : 'The criteria are in Jira'),
      el('span', { class: 'lozenge good' }, 'Written'),
    ),
    el(
      'p',
      { class: 'quiet small' },
      timeElement(wroteIt?.finishedAt ?? draft.updatedAt),
      wroteIt?.requestedByName ? ` by ${wroteIt.requestedByName}` : '',
      ` · ${madeBy(draft.provenance)}`,
    ),
    el(
      'div',
      { class: 'actions' },
      may.generate && button('Generate again', again),
      may.undo && button('Undo', undo),
      copyButton(draft),
      downloadButton(issue, draft),
    ),
    notesOn(draft),
    cardsOf(draft),
  ].flat().filter(Boolean);
}

/** Before anything goes that a person put in. */
export function undoView({ place, text, undo, keep }) {
  return [
    el('h2', { 'data-focus': true, tabindex: '-1' }, `Someone edited the criteria in ${place}`),
    message('warning', 'Undo takes away what was written there since, too. This is what stands there now:'),
    el('div', { class: 'actions' }, button('Undo all the same', undo, { class: 'primary' }), button('Leave it', keep)),
    el('div', { class: 'compare' }, el('section', {}, el('div', { class: 'text', tabindex: '0', role: 'region', 'aria-label': `In ${place} now` }, text))),
  ];
}

function cardsOf(draft) {
  return el(
    'details',
    {},
    el('summary', {}, `Show the ${count(draft.scenarios.length, 'scenario')}`),
    el('ul', { class: 'cards', lang: draft.dialect.language }, draft.scenarios.map((scenario) => scenarioCard(scenario))),
    questionsBox(draft.questions),
  );
}

export function troubleView(text, retry) {
  return message('error', text, ...(retry ? [button('Try again', retry)] : []));
}
