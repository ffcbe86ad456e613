// Messages in the page.

import { el } from './dom.js';

/** A message with buttons beneath it. `kind` is "error", "warning", "success" or nothing. */
export function message(kind, text, ...actions) {
  return el(
    'div',
    { class: `message ${kind ?? ''}`, role: kind === 'error' ? 'alert' : undefined },
    el('p', {}, text),
    actions.length > 0 && el('div', { class: 'actions' }, actions),
  );
}

/** The words to show for an error of any kind. */
export function words(error) {
  return error?.message || 'Something went wrong. Reload the page and try again.';
}
