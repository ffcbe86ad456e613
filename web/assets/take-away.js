// Taking criteria elsewhere: by the clipboard or as a .feature file.

import { announce, button, el } from './dom.js';
import { featureOf } from './gherkin.js';

const SHOWN_MS = 1600;

export function copyButton(draft) {
  return button('Copy', async (element) => {
    const worked = await copy(draft.text);
    const words = worked ? 'Copied' : 'Press Ctrl+C';
    announce(worked ? 'Copied to the clipboard.' : 'Copying was refused. Use Edit and copy the text from there.');
    element.textContent = words;
    setTimeout(() => {
      element.textContent = 'Copy';
    }, SHOWN_MS);
  });
}

/** Frames are often not given the clipboard: the old way through a selected text still works there. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = el('textarea', { class: 'unseen', 'aria-hidden': 'true', value: text });
    document.body.append(field);
    field.select();
    const worked = document.execCommand('copy');
    field.remove();
    return worked;
  }
}

export function downloadButton(issue, draft) {
  return button('Download .feature', () => {
    const text = featureOf(issue.summary || issue.key, draft);
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
    const link = el('a', { href: address, download: `${issue.key}.feature` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), SHOWN_MS);
  });
}
