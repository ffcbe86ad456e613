// A job at work: what it is at, and the finished scenarios one by one.

import { scenarioCard } from './card.js';
import { announce, button, count, el } from './dom.js';
import { message } from './errors.js';
import { PLACES, capital } from './words.js';

/** The stage in words, and how far it is (0 to 1). */
export function stageOf(job) {
  const { progress } = job;
  switch (progress.stage) {
    case 'queued': {
      if (job.error) return [`${job.attempts > 0 ? 'Waiting to try again' : 'Waiting'}. ${capital(job.error)}`, 0];
      if (progress.ahead === 0) return ['Next in line', 0];
      return [`Waiting: ${count(progress.ahead, 'job')} before this one`, 0];
    }
    case 'reading':
      return [job.task === 'publish' || job.task === 'withdraw' ? 'Reading the issue' : 'Reading the story', 0.06];
    case 'writing':
      if (job.task === 'scenario') return ['Writing the scenario', 0.4];
      return [
        `Writing scenario ${progress.scenario} of at most ${progress.of}`,
        0.1 + 0.8 * ((progress.scenario - 1) / Math.max(1, progress.of)),
      ];
    case 'checking':
      return ['Checking the criteria', 0.93];
    case 'publishing':
      return [`Adding the criteria to ${PLACES[job.target] ?? 'Jira'}`, 0.97];
    default:
      return ['Finishing', 1];
  }
}

export function progressView(first, { mayStop, stop }) {
  const label = el('span', { id: 'stage', 'data-focus': true, tabindex: '-1' });
  const meter = el('progress', { max: '1', 'aria-labelledby': 'stage' });
  const cards = el('ul', { class: 'cards' });
  const ghost = el('div', { class: 'ghost', 'aria-hidden': 'true', hidden: true });
  const trouble = el('div', { hidden: true });
  let shown = 0;

  function update(job) {
    const [text, value] = stageOf(job);
    label.textContent = text;
    meter.value = value;
    announce(text);
    const { progress } = job;
    ghost.hidden = progress.stage !== 'writing';
    if (progress.stage === 'writing') {
      const { scenarios } = progress;
      // Begun anew after a restart: so are the cards.
      if (scenarios.length < shown) {
        cards.replaceChildren();
        shown = 0;
      }
      for (const scenario of scenarios.slice(shown)) cards.append(scenarioCard(scenario, { arriving: true }));
      shown = scenarios.length;
    }
  }

  function showTrouble(text) {
    trouble.hidden = text === null;
    if (text !== null) trouble.replaceChildren(message('warning', text));
  }

  update(first);
  const bar = el(
    'div',
    { class: 'bar' },
    el('div', { class: 'stage' }, el('span', { class: 'spinner', 'aria-hidden': 'true' }), label),
    mayStop && button('Stop', stop),
  );
  return { elements: [el('div', { class: 'stages' }, bar, meter), trouble, cards, ghost], update, trouble: showTrouble };
}
