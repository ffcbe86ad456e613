// Calls to Brine's API as the person in front of the page.

import { token } from './host.js';

const base = document.body.dataset.base ?? '';

/** An answer other than the wanted one, with a message that can be shown as it is. */
export class ApiError extends Error {
  constructor(status, message, line) {
    super(message);
    this.status = status;
    this.line = line;
  }
}

async function send(method, path, body, signal) {
  const headers = { Authorization: `JWT ${await token()}` };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(base + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'Brine cannot be reached. Check your connection and try again.');
  }
}

/** The response itself, for streams. A token that ended on the way is replaced once. */
export async function open(method, path, body, signal) {
  let response = await send(method, path, body, signal);
  if (response.status === 401) response = await send(method, path, body, signal);
  if (response.ok) return response;
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // Something between the browser and Brine answered.
  }
  throw new ApiError(response.status, error.message ?? 'Brine did not answer as expected. Try again.', error.line);
}

/** The JSON of an answer. */
export async function call(method, path, body) {
  const response = await open(method, path, body);
  return response.json();
}

const part = encodeURIComponent;

export const api = {
  issue: (id) => call('GET', `/api/issues/${part(id)}`),
  section: (id, target) => call('GET', `/api/issues/${part(id)}/section?target=${part(target)}`),
  generate: (id) => call('POST', `/api/issues/${part(id)}/jobs`, {}),
  saveDraft: (id, text, version) => call('PUT', `/api/drafts/${part(id)}`, { text, version }),
  accept: (id, decision) => call('POST', `/api/drafts/${part(id)}/accept`, decision),
  cancel: (id) => call('POST', `/api/jobs/${part(id)}/cancel`, {}),
  retry: (id) => call('POST', `/api/jobs/${part(id)}/retry`, {}),
  jobs: (filter) => call('GET', `/api/jobs?${new URLSearchParams(filter)}`),
  projectSettings: (key) => call('GET', `/api/projects/${part(key)}/settings`),
  siteSettings: () => call('GET', '/api/site/settings'),
  saveSiteSettings: (settings) => call('PUT', '/api/site/settings', settings),
  eraseExamples: () => call('DELETE', '/api/site/examples', {}),
  saveProjectSettings: (key, settings) => call('PUT', `/api/projects/${part(key)}/settings`, settings),
};
