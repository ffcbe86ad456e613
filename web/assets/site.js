// The settings of the whole site, below the admin's list of jobs.

import { api } from './api.js';
import { byId, choose, count } from './dom.js';
import { message, words } from './errors.js';
import { flag } from './host.js';

const form = byId('settings');
const save = form.querySelector('button[type="submit"]');
const erase = byId('erase');
const ASK = 'Erase what was kept';
const SURE = 'Erase for good?';

function fill(settings) {
  choose(byId('adapter'), settings.adapter);
  byId('keep-examples').checked = settings.keepExamples;
  showKept(settings.kept);
}

function showKept(kept) {
  byId('kept').textContent = kept > 0 ? `${count(kept, 'accepted draft is', 'accepted drafts are')} kept.` : 'Nothing is kept.';
  // Drafts that wait are remembered too, so it can be pressed whenever something may be there.
  erase.disabled = kept === 0 && !byId('keep-examples').checked;
  erase.textContent = ASK;
}

function showTrouble(error) {
  byId('site-trouble').replaceChildren(...(error ? [message('error', words(error))] : []));
}

/** Does something with the buttons shut, and shows what went wrong. */
async function work(action) {
  save.disabled = true;
  erase.disabled = true;
  showTrouble(null);
  byId('saved').textContent = '';
  try {
    await action();
  } catch (error) {
    showTrouble(error);
    erase.disabled = false;
  } finally {
    save.disabled = false;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  return work(async () => {
    fill(await api.saveSiteSettings({ adapter: byId('adapter').value || null, keepExamples: byId('keep-examples').checked }));
    byId('saved').textContent = 'Saved.';
    flag('Settings saved', 'Brine settings of this site');
  });
});
form.addEventListener('input', () => {
  byId('saved').textContent = '';
});
// It can't be undone, so the first press only asks.
erase.addEventListener('click', () => {
  if (erase.textContent !== SURE) {
    erase.textContent = SURE;
    return undefined;
  }
  return work(async () => showKept((await api.eraseExamples()).kept));
});
erase.addEventListener('blur', () => {
  erase.textContent = ASK;
});

try {
  fill(await api.siteSettings());
  form.hidden = false;
} catch (error) {
  form.before(message('error', words(error)));
}
byId('site-loading').hidden = true;
