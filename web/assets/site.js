// The settings of the whole site, below the admin's list of jobs.

import { byId, choose, count, el } from './dom.js';
import { message, words } from './errors.js';
import { adapterField, field, fieldset, saveBar } from './form.js';

const ASK = 'Erase what was kept';
const SURE = 'Erase for good?';

const KEEP_HELP = [
  ['What:', 'of every draft that is written from now on and accepted, the story as the model read it, the criteria as the model wrote them and as they were accepted, with the issue’s number and its project. A draft that waits is kept until somebody decides.'],
  ['Where:', 'in the database of this Brine and its backups, nowhere else; the texts are encrypted.'],
  ['What for:', 'the person who runs Brine can export them and tune the model with them. Addresses, people who are mentioned, and keys are replaced in what is exported.'],
  ['How it ends:', 'switched off, nothing new is kept. What was kept stays until you erase it here or uninstall the app.'],
];

/** The section with the settings; it fills itself. */
export function siteSettings({ api, host }) {
  const keep = el('input', { type: 'checkbox', id: 'keep-examples', 'aria-describedby': 'keep-help' });
  const perDay = el('input', { type: 'number', id: 'stories-per-day', min: '0' });
  const erase = el('button', { type: 'button', id: 'erase', disabled: true }, ASK);
  const kept = el('span', { id: 'kept', class: 'quiet', role: 'status' });
  const trouble = el('div', { id: 'site-trouble' });
  const { bar, save, saved } = saveBar();
  const form = el('form', { id: 'settings', novalidate: true });
  const loading = el('p', { class: 'quiet' }, 'Loading …');

  function lay(offered, { mostStoriesPerDay }) {
    const most = mostStoriesPerDay > 0 ? ` The person who runs Brine allows ${mostStoriesPerDay} at most.` : '';
    form.append(
      fieldset(
        'What writes',
        adapterField(offered, {
          unset: `Brine’s default (${offered.usual})`,
          help: 'For every project that has not chosen another one in its own Brine settings.',
        }),
      ),
      fieldset(
        'How much is written',
        field(
          'Stories a day',
          perDay,
          `0: no limit. A day begins at midnight UTC. When its stories are used up, people are told when it goes on, and automatic and bulk stories wait. Bulk runs leave a fifth for people.${most}`,
        ),
      ),
      fieldset(
        'Learning from this team',
        el(
          'label',
          { class: 'choice' },
          keep,
          el(
            'span',
            {},
            el('strong', {}, 'Keep accepted criteria for tuning'),
            el('span', { id: 'keep-help' }, KEEP_HELP.map(([name, text]) => el('span', { class: 'quiet' }, el('em', {}, name), ` ${text}`))),
          ),
        ),
        el('div', { class: 'actions' }, erase, kept),
      ),
      trouble,
      bar,
    );
  }

  function fill(settings) {
    choose(byId('adapter'), settings.adapter);
    perDay.value = String(settings.storiesPerDay);
    keep.checked = settings.keepExamples;
    showKept(settings.kept);
  }

  function showKept(number) {
    kept.textContent = number > 0 ? `${count(number, 'accepted draft is', 'accepted drafts are')} kept.` : 'Nothing is kept.';
    // Drafts that wait are remembered too, so it can be pressed whenever something may be there.
    erase.disabled = number === 0 && !keep.checked;
    erase.textContent = ASK;
  }

  /** Does something with the buttons shut, and shows what went wrong. */
  async function work(action) {
    save.disabled = true;
    erase.disabled = true;
    trouble.replaceChildren();
    saved.textContent = '';
    try {
      await action();
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
      erase.disabled = false;
    } finally {
      save.disabled = false;
    }
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    return work(async () => {
      fill(await api.saveSiteSettings({ adapter: byId('adapter').value || null, keepExamples: keep.checked, storiesPerDay: Number(perDay.value) }));
      saved.textContent = 'Saved.';
      host.flag('Settings saved', 'Brine settings of this site');
    });
  });
  form.addEventListener('input', () => {
    saved.textContent = '';
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

  async function load() {
    try {
      const [offered, settings] = await Promise.all([api.adapters(), api.siteSettings()]);
      lay(offered, settings);
      loading.replaceWith(form);
      fill(settings);
    } catch (error) {
      loading.replaceWith(message('error', words(error)));
    }
  }

  load();
  return el('section', { 'aria-labelledby': 'site-heading' }, el('h2', { id: 'site-heading', class: 'large' }, 'Settings of this site'), loading);
}
