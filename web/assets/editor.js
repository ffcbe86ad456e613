// The whole draft as text, with line numbers. What is wrong with it is said at its line.

import { announce, button, el } from './dom.js';
import { message, words } from './errors.js';

const MOST_LINES = 32;

export function editorView(draft, { save, saved, cancel }) {
  const { language, name, given, when, then } = draft.dialect;
  const numbers = el('div', { class: 'numbers', 'aria-hidden': 'true' });
  const field = el('textarea', {
    id: 'draft-text',
    'aria-label': 'Draft, as Gherkin',
    'aria-describedby': 'draft-help draft-error',
    lang: draft.dialect.language,
    spellcheck: 'true',
    autocapitalize: 'off',
    wrap: 'off',
    value: draft.text,
  });
  const frame = el('div', { class: 'editor' }, numbers, field);
  const problem = el('div', { id: 'draft-error' });
  let wrongLine = null;

  function layOut() {
    const lines = field.value.split('\n').length;
    numbers.replaceChildren(
      ...Array.from({ length: lines }, (_, at) => el('span', { class: at + 1 === wrongLine ? 'wrong' : '' }, at + 1)),
    );
    field.rows = Math.min(Math.max(lines + 1, 8), MOST_LINES);
    numbers.style.height = `${field.offsetHeight}px`;
    numbers.scrollTop = field.scrollTop;
  }

  function markLine(line) {
    wrongLine = line;
    frame.classList.toggle('invalid', line !== null);
    field.setAttribute('aria-invalid', String(line !== null));
    layOut();
    if (line === null) return;
    const lines = field.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field.focus();
    field.setSelectionRange(start, start + (lines[line - 1] ?? '').length);
    field.scrollTop = (line - 4) * 18;
    numbers.scrollTop = field.scrollTop;
  }

  async function submit() {
    problem.replaceChildren();
    markLine(null);
    try {
      const { draft: changed } = await save(field.value);
      saved(changed);
    } catch (error) {
      const where = error.line ? `Line ${error.line}: ` : '';
      problem.replaceChildren(
        message('error', where + words(error), ...(error.status === 409 ? [button('Discard my text and reload', cancel)] : [])),
      );
      if (error.line) markLine(error.line);
    }
  }

  const saveButton = button('Save', submit, { class: 'primary' });

  function leave() {
    if (field.value === draft.text) return cancel();
    problem.replaceChildren(
      message('warning', 'Your changes are not saved.', button('Discard them', cancel), button('Go on editing', () => {
        problem.replaceChildren();
        field.focus();
      }, { class: 'link' })),
    );
    problem.querySelector('button').focus();
    return undefined;
  }

  field.addEventListener('input', () => {
    if (wrongLine !== null) markLine(null);
    else layOut();
  });
  field.addEventListener('scroll', () => {
    numbers.scrollTop = field.scrollTop;
  });
  field.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key === 'Enter' || event.key === 's')) {
      event.preventDefault();
      saveButton.click();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      leave();
    }
  });
  requestAnimationFrame(layOut);
  announce('Editing the draft.');

  return [
    el('div', { class: 'bar' }, el('h2', {}, 'Edit the draft')),
    frame,
    problem,
    el(
      'p',
      { id: 'draft-help', class: 'quiet small' },
      `Each scenario: one tag, a title, ${given}, one ${when}, ${then}. Questions begin with “# Question:”. `,
      language !== 'en' && `This draft is in ${name}: tags and “# Question:” stay English. `,
      'Ctrl+Enter saves, Escape leaves.',
    ),
    el('div', { class: 'actions' }, saveButton, button('Cancel', leave)),
  ];
}
