// A scenario as a card, and what stands around the cards.

import { count, el } from './dom.js';
import { message } from './errors.js';

const TAGS = {
  'happy-path': ['Happy path', 'good'],
  negative: ['Negative', 'bad'],
  'edge-case': ['Edge case', 'careful'],
  security: ['Security', 'violet'],
  performance: ['Performance', 'teal'],
  accessibility: ['Accessibility', 'info'],
};

function tagLozenge(tag) {
  const [label, colour] = TAGS[tag] ?? [tag, ''];
  return el('span', { class: `lozenge ${colour}` }, label);
}

/** Quoted values and <placeholders> stand out; all of it stays text. */
function stepText(text) {
  const parts = text.split(/("[^"]*"|<[^<>]+>)/);
  return parts.filter((part) => part !== '').map((part, place) => {
    const isValue = /^(".*"|<.*>)$/s.test(part);
    return isValue ? el('span', { class: 'value', 'data-part': place }, part) : part;
  });
}

function examplesTable({ columns, rows }) {
  const cells = (names, kind) => names.map((name) => el(kind, kind === 'th' ? { scope: 'col' } : {}, name));
  return el(
    'div',
    { class: 'examples', tabindex: '0', role: 'region', 'aria-label': 'Examples' },
    el(
      'table',
      {},
      el('thead', {}, el('tr', {}, cells(columns, 'th'))),
      el('tbody', {}, rows.map((row) => el('tr', {}, cells(row, 'td')))),
    ),
  );
}

function basisOf(basis) {
  if (basis?.kind === 'sentence') {
    return el('blockquote', { class: 'basis' }, el('span', { class: 'unseen' }, 'From the story: '), `“${basis.text}”`);
  }
  if (basis?.kind === 'assumption') {
    return el('p', { class: 'basis assumed' }, 'The story does not say this. Check it before you accept it.');
  }
  return null;
}

/** One scenario; `footer` stands below it. */
export function scenarioCard(scenario, { arriving = false, footer = null } = {}) {
  const isAssumption = scenario.basis?.kind === 'assumption';
  // That it is an assumption is shown by its mark already.
  const findings = (scenario.findings ?? []).filter((finding) => finding.rule !== 'assumption');
  return el(
    'li',
    { class: arriving ? 'card arriving' : 'card' },
    el(
      'div',
      { class: 'tags' },
      scenario.tag && tagLozenge(scenario.tag),
      isAssumption && el('span', { class: 'lozenge careful' }, 'Assumption'),
      scenario.examples && el('span', { class: 'lozenge' }, 'Outline'),
    ),
    el('h3', {}, scenario.title),
    el(
      'ol',
      { class: 'steps' },
      scenario.steps.map((step) =>
        el('li', {}, el('span', { class: 'keyword' }, step.keyword), el('span', {}, ' ', stepText(step.text))),
      ),
    ),
    scenario.examples && examplesTable(scenario.examples),
    basisOf(scenario.basis),
    findings.length > 0 &&
      el('ul', { class: 'hints', 'aria-label': 'Hints' }, findings.map((finding) => el('li', {}, finding.message))),
    footer,
  );
}

/** Questions for the product owner. */
export function questionsBox(questions) {
  if (questions.length === 0) return null;
  return el(
    'section',
    { class: 'questions', 'aria-labelledby': 'questions-title' },
    el('h3', { id: 'questions-title' }, questions.length === 1 ? 'A question for you' : 'Questions for you'),
    el('ul', {}, questions.map((question) => el('li', {}, question))),
  );
}

/** What happened to the story on its way into the model. */
export function notesOn(draft) {
  return draft.notes.map((note) => message('warning', note.text));
}

/** "4 scenarios · 1 assumption · 3 not covered · 2 hints". */
export function summaryLine(draft) {
  const assumed = draft.scenarios.filter((scenario) => scenario.basis?.kind === 'assumption').length;
  const onScenarios = draft.scenarios.flatMap((scenario) => scenario.findings);
  const all = [...onScenarios, ...draft.findings];
  const hints = all.filter(({ rule }) => rule !== 'assumption' && rule !== 'not_covered').length;
  const open = draft.findings.filter(({ rule }) => rule === 'not_covered').length;
  const parts = [count(draft.scenarios.length, 'scenario')];
  if (assumed > 0) parts.push(count(assumed, 'assumption'));
  if (open > 0) parts.push(`${open} not covered`);
  if (hints > 0) parts.push(count(hints, 'hint'));
  return parts.join(' · ');
}

/** "smollm2-135m with prompt rule@1". */
export function madeBy(provenance) {
  const adapter = provenance.adapter ? ` + ${provenance.adapter}` : '';
  return `${provenance.model}${adapter} with prompt ${provenance.prompt}`;
}
