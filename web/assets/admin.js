// The admin's page: the list of jobs, which follows by itself while the page is looked at, bulk runs, and the site's settings.

import { bulkRuns } from './bulk.js';
import { announce, button, byId, count, el } from './dom.js';
import { message, words } from './errors.js';
import { jobsTable, nothingHere } from './jobs-table.js';
import { siteSettings } from './site.js';
import { STATES } from './words.js';

const PAGE = 50;
const MOST = 200;

/** Shows the page of the site's administrators. */
export function admin(page) {
  byId('view').replaceChildren(
    el('h1', {}, 'Brine jobs'),
    el('p', { class: 'quiet' }, 'Every request for acceptance criteria on this site, newest first. The list follows by itself.'),
    ...jobsList(page),
    bulkRuns(page),
    siteSettings(page),
  );
  byId('view').removeAttribute('aria-busy');
}

function jobsList({ api, host }) {
  const bar = el('div', { id: 'filters' });
  const trouble = el('div', { id: 'trouble' });
  const place = el('div', { id: 'jobs', 'aria-busy': 'true' }, el('p', { class: 'quiet' }, 'Loading …'));
  const filter = { state: '', issue: '' };
  let limit = PAGE;
  let shown = '';
  let asked = 0;

  function filters(counts) {
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const choice = (state, label, number) =>
      el(
        'button',
        { type: 'button', 'data-state': state, 'aria-pressed': String(filter.state === state), onclick: () => choose({ state }) },
        label,
        ' ',
        el('span', { class: 'count' }, number),
      );
    return el(
      'div',
      { class: 'states', role: 'group', 'aria-label': 'Show jobs in state' },
      choice('', 'All', all),
      Object.entries(STATES).map(([state, [label]]) => choice(state, label, counts[state] ?? 0)),
    );
  }

  function search() {
    const field = el('input', { type: 'text', id: 'issue', placeholder: 'SHOP-12', autocomplete: 'off' });
    return el(
      'form',
      {
        class: 'find',
        role: 'search',
        onsubmit: (event) => {
          event.preventDefault();
          choose({ issue: field.value.trim() });
        },
      },
      el('label', { for: 'issue', class: 'unseen' }, 'Issue key'),
      field,
      el('button', { type: 'submit' }, 'Find issue'),
    );
  }

  function choose(change) {
    Object.assign(filter, change);
    limit = PAGE;
    shown = '';
    load();
  }

  /** The part of the page that has the focus keeps it over a redraw. */
  function keepFocus(container, redraw) {
    const { activeElement } = document;
    const key = container.contains(activeElement) ? activeElement.dataset.job + activeElement.dataset.action : null;
    const state = container.contains(activeElement) ? activeElement.dataset.state : null;
    redraw();
    const again = [...container.querySelectorAll('button')].find(
      (one) => (key && one.dataset.job + one.dataset.action === key) || (state !== null && state !== undefined && one.dataset.state === state),
    );
    again?.focus({ preventScroll: true });
  }

  async function load() {
    const number = (asked += 1);
    try {
      const answer = await api.jobs({ ...filter, limit });
      if (number !== asked) return;
      trouble.replaceChildren();
      draw(answer);
    } catch (error) {
      if (number !== asked) return;
      trouble.replaceChildren(message('error', words(error)));
      place.removeAttribute('aria-busy');
    }
  }

  function draw(answer) {
    // Times such as "2 minutes ago" move on, too.
    const now = JSON.stringify([answer, filter, Math.floor(Date.now() / 30_000)]);
    if (now === shown) return;
    shown = now;
    if (!bar.querySelector('form')) bar.append(el('div'), search());
    keepFocus(bar, () => bar.firstElementChild.replaceWith(filters(answer.counts)));
    const { jobs } = answer;
    keepFocus(place, () => {
      const more = answer.next !== null && limit < MOST;
      place.replaceChildren(
        ...(filter.state === 'failed' && jobs.length > 0 ? [retryAll()] : []),
        jobs.length > 0 ? jobsTable(jobs, act) : nothingHere(filter),
        ...(more ? [el('div', { class: 'more' }, button('Show more', () => { limit = MOST; return load(); }))] : []),
        ...(answer.next !== null && !more ? [el('p', { class: 'quiet more' }, `The newest ${MOST} are shown. Filter to find older ones.`)] : []),
      );
    });
    place.removeAttribute('aria-busy');
  }

  function retryAll() {
    const label = filter.issue ? `Retry all failed of ${filter.issue.toUpperCase()}` : 'Retry all failed';
    return el('div', { class: 'retry-all' }, button(label, retryFailed, { 'data-job': 'all', 'data-action': 'retry' }));
  }

  async function retryFailed() {
    try {
      const { retried } = await api.retryFailed(filter.issue);
      const told = retried > 0 ? `${count(retried, 'job is', 'jobs are')} tried again.` : 'None is tried again: newer jobs have taken their place.';
      await load();
      trouble.replaceChildren(message('success', told));
      announce(told);
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
    }
  }

  async function act(job, action) {
    try {
      await api[action](job.id);
      announce(action === 'retry' ? `${job.issueKey} is tried again.` : `${job.issueKey} is stopped.`);
      await load();
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
    }
  }

  load();
  setInterval(() => {
    if (document.visibilityState === 'visible') load();
  }, host.listEveryMs);
  return [bar, trouble, place];
}
