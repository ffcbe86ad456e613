// A project's page: how to ask for criteria, for everyone; and its settings, for those who may change them.

import { byId, choose, el } from './dom.js';
import { message, words } from './errors.js';
import { adapterField, choice, field, fieldset, saveBar } from './form.js';

const TARGETS = [
  ['description', 'The description', 'In a section of its own. The rest of the description stays as it is.'],
  ['comment', 'A comment', 'The description is not touched.'],
  ['field', 'A custom field', 'One that holds text. What people wrote into it is replaced only when they say so.'],
  ['subtasks', 'Sub-tasks', 'One for each scenario. The story itself is not touched.'],
  ['draft', 'Only a draft', 'Nothing is written to Jira. People copy or download the criteria from the panel.'],
];

function show(...elements) {
  byId('view').replaceChildren(...elements);
  byId('view').removeAttribute('aria-busy');
}

/** Shows the settings of the project in `place`. */
export function projectSettings(page) {
  show(
    el('h1', {}, `Brine settings of ${page.place.projectKey}`),
    el('p', { class: 'quiet' }, 'How Brine writes acceptance criteria in this project.'),
    settings(page, (error) => message('error', words(error))),
  );
}

/** Shows the page of the project in `place`. */
export function project(page) {
  const steps = [
    'Open a story and choose “Generate acceptance criteria” in its menu, or the panel “Acceptance criteria”.',
    'Read the draft: each scenario shows the sentence of the story that it rests on. Edit what is not right.',
    'Accept it. Only then is anything written to Jira.',
  ];
  show(
    el('h1', {}, `Acceptance criteria in ${page.place.projectKey}`),
    el('ol', { class: 'guide' }, steps.map((step) => el('li', {}, step))),
    el('h2', { class: 'large' }, 'Settings of this project'),
    settings(page, (error) =>
      error.status === 403 ? el('p', { class: 'quiet' }, 'Administrators of this project choose when criteria are written, and where to.') : message('error', words(error)),
    ),
  );
}

/** The form, in an element that fills itself; `refused` shows why it can't be had. */
function settings({ api, host, place }, refused) {
  const { projectKey } = place;
  const automatic = el('input', { type: 'checkbox', id: 'automatic' });
  const onChange = el('input', { type: 'checkbox', id: 'on-change' });
  const issueTypes = el('input', { id: 'issue-types', type: 'text', autocomplete: 'off' });
  const mostScenarios = el('select', { id: 'max-scenarios' });
  const targets = TARGETS.map(([value]) => el('input', { type: 'radio', name: 'target', value }));
  const fields = el('select', { id: 'field' });
  const fieldRow = el('div', { hidden: true }, field('Which field', fields, 'Fields of text on the edit screen of the project’s newest issue.'));
  let chosenField = null;
  let offersFields = false;
  const trouble = el('div', { id: 'trouble' });
  const { bar, save, saved } = saveBar();
  const form = el('form', { id: 'settings', novalidate: true });
  const loading = el('p', { class: 'quiet' }, 'Loading …');

  function lay(offered) {
    form.append(
      fieldset(
        'When',
        choice(automatic, 'Write criteria for new issues by themselves', 'Off: people ask for them with the button in the issue.'),
        choice(onChange, 'Write them anew when a story changes', 'Together with the choice above. Stories that read the same as before, and drafts that a person has begun to edit, are left alone.'),
        field('For which issue types', issueTypes, 'Names with commas between them, such as Story, Task. Empty: all types.'),
      ),
      fieldset('Where to', TARGETS.map(([, title, help], at) => choice(targets[at], title, help)), fieldRow),
      fieldset('How much', field('At most how many scenarios', mostScenarios)),
      fieldset(
        'What writes',
        adapterField(offered, {
          unset: 'What the site uses',
          help: 'An adapter is what the model has learned beyond its general training. It counts for criteria that are written from now on.',
        }),
      ),
      trouble,
      bar,
    );
  }

  function fill(values) {
    automatic.checked = values.automatic;
    onChange.checked = values.onChange;
    issueTypes.value = values.issueTypes.join(', ');
    const [fewest, most] = values.scenarios;
    const counts = Array.from({ length: most - fewest + 1 }, (_, at) => fewest + at);
    mostScenarios.replaceChildren(...counts.map((number) => el('option', {}, number)));
    mostScenarios.value = String(values.maxScenarios);
    choose(byId('adapter'), values.adapter);
    for (const radio of targets) radio.checked = radio.value === values.target;
    chosenField = values.field;
    offerFields();
  }

  const target = () => targets.find((radio) => radio.checked)?.value ?? 'description';

  /** The fields are asked for once, when they matter. */
  async function offerFields() {
    fieldRow.hidden = target() !== 'field';
    if (fieldRow.hidden || offersFields) return;
    offersFields = true;
    try {
      const known = (await api.projectFields(projectKey)).fields;
      const options = known.map(({ id, name, short }) => el('option', { value: id }, short ? `${name} (titles alone)` : name));
      fields.replaceChildren(el('option', { value: '' }, 'Choose a field'), ...options);
      choose(fields, chosenField);
    } catch (error) {
      offersFields = false;
      trouble.replaceChildren(message('error', words(error)));
    }
  }

  function read() {
    return {
      automatic: automatic.checked,
      onChange: onChange.checked,
      issueTypes: issueTypes.value.split(',').map((name) => name.trim()).filter((name) => name !== ''),
      target: target(),
      field: chosenField,
      maxScenarios: Number(mostScenarios.value),
      adapter: byId('adapter').value || null,
    };
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    save.disabled = true;
    trouble.replaceChildren();
    saved.textContent = '';
    try {
      fill(await api.saveProjectSettings(projectKey, read()));
      saved.textContent = 'Saved.';
      host.flag('Settings saved', `Brine settings of ${projectKey}`);
    } catch (error) {
      trouble.replaceChildren(message('error', words(error)));
    } finally {
      save.disabled = false;
    }
  });
  form.addEventListener('input', () => {
    saved.textContent = '';
  });
  form.addEventListener('change', (event) => {
    if (event.target === fields) chosenField = fields.value || null;
    offerFields();
  });

  async function load() {
    try {
      const [offered, values] = await Promise.all([api.adapters(), api.projectSettings(projectKey)]);
      lay(offered);
      loading.replaceWith(form);
      fill(values);
    } catch (error) {
      loading.replaceWith(refused(error));
    }
  }

  load();
  return loading;
}
