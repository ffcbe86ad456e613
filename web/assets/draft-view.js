// A draft that waits for a decision.

import { madeBy, notesOn, questionsBox, scenarioCard, summaryLine } from './card.js';
import { anew, notCovered } from './one-scenario.js';
import { button, el } from './dom.js';
import { message } from './errors.js';
import { copyButton, downloadButton } from './take-away.js';
import { timeElement } from './time.js';
import { ACCEPT } from './words.js';

export function draftView({ issue, draft, target, may, notice, accept, regenerate, edit, scenario }) {
  const ask = el('div', { hidden: true });
  const again = () => {
    if (!draft.editedBy) return regenerate();
    // A new draft takes the place of this one, and with it of what a person wrote.
    ask.replaceChildren(
      message(
        'warning',
        'This draft was edited by hand. A new draft takes its place.',
        button('Write a new draft', regenerate),
        button('Keep this one', () => {
          ask.hidden = true;
        }, { class: 'link' }),
      ),
    );
    ask.hidden = false;
    ask.querySelector('button').focus();
    return undefined;
  };
  const label = ACCEPT[target];
  const onSet = draft.findings.filter((finding) => finding.rule !== 'not_covered');
  return [
    el(
      'div',
      { class: 'bar' },
      el(
        'div',
        { class: 'headline' },
        el('h2', { 'data-focus': true, tabindex: '-1' }, 'Draft'),
        el('span', { class: 'lozenge violet' }, 'Not in Jira yet'),
        el('span', { class: 'quiet small' }, summaryLine(draft)),
      ),
    ),
    el(
      'div',
      { class: 'actions', role: 'group', 'aria-label': 'What to do with the draft' },
      label && may.accept && button(label, accept, { class: 'primary' }),
      may.generate && button('Edit', edit),
      may.generate && button('Regenerate', again),
      copyButton(draft),
      downloadButton(issue, draft),
    ),
    ask,
    notice && message('warning', notice),
    !may.generate && message(null, 'You can read this draft. To change or accept it you need permission to edit the issue.'),
    target === 'draft' && message(null, 'This project keeps criteria as drafts: nothing is written to Jira. Copy or download them.'),
    notesOn(draft),
    onSet.length > 0 &&
      el('ul', { class: 'hints', 'aria-label': 'Hints on the whole set' }, onSet.map((f) => el('li', {}, f.message))),
    el(
      'ul',
      { class: 'cards', lang: draft.dialect.language },
      draft.scenarios.map((one, place) =>
        scenarioCard(one, { footer: may.generate && anew(one, (wish) => scenario({ place, wish })) }),
      ),
    ),
    notCovered(draft, may.generate && scenario),
    questionsBox(draft.questions),
    el(
      'p',
      { class: 'quiet small' },
      draft.editedBy ? 'Edited by a person ' : 'Written ',
      timeElement(draft.editedBy ? draft.updatedAt : draft.createdAt),
      ` · ${madeBy(draft.provenance)}`,
    ),
  ].flat().filter(Boolean);
}
