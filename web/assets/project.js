// A project's settings.

import { api } from './api.js';
import { byId, choose } from './dom.js';
import { message, words } from './errors.js';
import { flag, followSize, followTheme } from './host.js';

const { projectKey } = document.body.dataset;
const form = byId('settings');

function fill(settings) {
  byId('automatic').checked = settings.automatic;
  byId('issue-types').value = settings.issueTypes.join(', ');
  byId('max-scenarios').value = String(settings.maxScenarios);
  choose(byId('adapter'), settings.adapter);
  for (const radio of form.elements.target) radio.checked = radio.value === settings.target;
}

function read() {
  return {
    automatic: byId('automatic').checked,
    issueTypes: byId('issue-types').value.split(',').map((name) => name.trim()).filter((name) => name !== ''),
    target: [...form.elements.target].find((radio) => radio.checked)?.value ?? 'description',
    maxScenarios: Number(byId('max-scenarios').value),
    adapter: byId('adapter').value || null,
  };
}

function showTrouble(error) {
  byId('trouble').replaceChildren(...(error ? [message('error', words(error))] : []));
}

async function load() {
  try {
    fill(await api.projectSettings(projectKey));
    form.hidden = false;
  } catch (error) {
    form.before(message('error', words(error)));
  }
  byId('loading').hidden = true;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const save = form.querySelector('button[type="submit"]');
  save.disabled = true;
  showTrouble(null);
  byId('saved').textContent = '';
  try {
    fill(await api.saveProjectSettings(projectKey, read()));
    byId('saved').textContent = 'Saved.';
    flag('Settings saved', `Brine settings of ${projectKey}`);
  } catch (error) {
    showTrouble(error);
  } finally {
    save.disabled = false;
  }
});
form.addEventListener('input', () => {
  byId('saved').textContent = '';
});

followTheme();
followSize(byId('view'));
load();
