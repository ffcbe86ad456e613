// Two texts side by side, when a person changed in Jira what Brine had written there.

import { button, el } from './dom.js';
import { message } from './errors.js';

/** Which lines of `before` are gone and which of `after` have come: the longest common subsequence of lines. */
export function changedLines(before, after) {
  const left = before.map((line) => line.trim());
  const right = after.map((line) => line.trim());
  const length = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      length[i][j] = left[i] === right[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const gone = new Set();
  const come = new Set();
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i += 1;
      j += 1;
    } else if (j >= right.length || (i < left.length && length[i + 1][j] >= length[i][j + 1])) {
      gone.add(i);
      i += 1;
    } else {
      come.add(j);
      j += 1;
    }
  }
  return { gone, come };
}

/** Not by colour alone: a sign and, for screen readers, a word say the same. */
function textOf(lines, changed, kind, sign, word) {
  return el(
    'div',
    { class: 'text', tabindex: '0', role: 'region', 'aria-label': word },
    lines.map((line, at) => {
      const isChanged = changed.has(at) && line.trim() !== '';
      return el('span', { class: isChanged ? kind : '' }, `${isChanged ? sign : '\u00a0'} ${line}`);
    }),
  );
}

export function comparison({ place, inIssue, draft, replace, keep }) {
  const before = inIssue.replace(/\s+$/, '').split('\n');
  const after = draft.replace(/\s+$/, '').split('\n');
  const { gone, come } = changedLines(before, after);
  return [
    el('div', { class: 'bar' }, el('h2', { 'data-focus': true, tabindex: '-1' }, `Someone edited the criteria in ${place}`)),
    message('warning', 'Brine does not overwrite what a person wrote unless you say so. Lines with − would go, lines with + would come.'),
    el('div', { class: 'actions' }, button('Replace', replace, { class: 'primary' }), button('Keep mine', keep)),
    el(
      'div',
      { class: 'compare' },
      el('section', {}, el('h3', {}, `In ${place} now`), textOf(before, gone, 'gone', '−', `In ${place} now`)),
      el('section', {}, el('h3', {}, 'The draft'), textOf(after, come, 'come', '+', 'The draft')),
    ),
  ];
}
