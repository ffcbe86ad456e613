// Asking for one scenario: anew in place of another, for a sentence that none covers, or as a person wishes.

import { button, el } from './dom.js';

const LONGEST_WISH = 300;

/** A field for what is wanted, and the buttons beside it; `write(wish)` asks. */
function form(label, write, close) {
  const field = el('input', {
    type: 'text',
    class: 'wish',
    maxlength: String(LONGEST_WISH),
    'aria-label': label,
    placeholder: label,
  });
  const send = button('Write', () => write(field.value.trim() || undefined), { class: 'primary' });
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') send.click();
    if (event.key === 'Escape') close();
  });
  return { field, element: el('div', { class: 'wishing' }, field, send, button('Cancel', close, { class: 'link' })) };
}

/** A button that opens the form in its own place. */
function opener(text, name, label, write) {
  const place = el('div', { class: 'one' });
  const open = button(text, () => {
    const { field, element } = form(label, write, close);
    place.replaceChildren(element);
    field.focus();
  }, { class: 'link', 'aria-label': name });
  function close() {
    place.replaceChildren(open);
    open.focus();
  }
  place.append(open);
  return place;
}

/** Below a card: writes this scenario anew. */
export function anew(scenario, write) {
  return opener('Write anew', `Write anew: ${scenario.title}`, 'What should be different? (may stay empty)', write);
}

/** Sentences of the story that no scenario covers, each with a button that asks for one; and a wish of one's own. */
export function notCovered(draft, scenario) {
  const open = draft.findings.filter((finding) => finding.rule === 'not_covered');
  const another = scenario && opener('Add a scenario', 'Add a scenario', 'What should it test?', (wish) => wish && scenario({ wish }));
  if (open.length === 0) return another;
  return el(
    'section',
    { class: 'not-covered', 'aria-labelledby': 'not-covered-title' },
    el('h3', { id: 'not-covered-title' }, 'Not covered'),
    el('p', { class: 'quiet small' }, 'No scenario rests on these sentences of the story. Background needs none.'),
    el(
      'ul',
      {},
      open.map((finding) => {
        const text = finding.message.replace(/^Not covered: /, '');
        const ask = () => scenario({ sentence: finding.sentence });
        return el(
          'li',
          {},
          el('span', {}, text, ' '),
          scenario && button('Write a scenario', ask, { class: 'link', 'aria-label': `Write a scenario for: ${text}` }),
        );
      }),
    ),
    another,
  );
}
