// The parts that the forms with settings share.

import { el } from './dom.js';

export function fieldset(legend, ...fields) {
  return el('fieldset', {}, el('legend', {}, legend), fields);
}

/** A check box or radio button with what it means. */
export function choice(input, title, help) {
  return el('label', { class: 'choice' }, input, el('span', {}, el('strong', {}, title), el('span', { class: 'quiet' }, help)));
}

/** A field with its label above and help below. */
export function field(label, input, help) {
  if (help) input.setAttribute('aria-describedby', `${input.id}-help`);
  return el(
    'div',
    { class: 'field' },
    el('label', { for: input.id }, label),
    input,
    help && el('span', { id: `${input.id}-help`, class: 'quiet' }, help),
  );
}

/** The list of adapters that can be chosen; `unset` says what writes where none is. */
export function adapterField(offered, { unset, help }) {
  const options = [
    el('option', { value: '' }, unset),
    el('option', { value: 'plain' }, 'None, the model alone'),
    ...offered.adapters.map((name) => el('option', { value: name }, name)),
  ];
  return field('Adapter of the model', el('select', { id: 'adapter' }, options), help);
}

/** The button that saves, and the place that says so. */
export function saveBar() {
  const save = el('button', { type: 'submit', class: 'primary' }, 'Save');
  const saved = el('span', { id: 'saved', class: 'quiet', role: 'status' });
  return { bar: el('div', { class: 'actions' }, save, saved), save, saved };
}
