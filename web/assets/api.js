// Calls to Brine's API as the person in front of the page. How a call travels is the host's business: `connect.js` in
// this folder, `forge/ui/src/host.js` in Forge.

/** An answer other than the wanted one, with a message that can be shown as it is. Status 0: there was no answer. */
export class ApiError extends Error {
  constructor(status, message, line) {
    super(message);
    this.status = status;
    this.line = line;
  }
}

/** What to throw for an answer `{ status, body }`; the body is undefined where it was no JSON. */
export function refusal({ status, body }) {
  const error = body?.error ?? {};
  return new ApiError(status, error.message ?? 'Brine did not answer as expected. Try again.', error.line);
}

/** What to throw when no answer came. */
export function unreachable() {
  return new ApiError(0, 'Brine cannot be reached. Check your connection and try again.');
}

const part = encodeURIComponent;

/** Brine's API over `host.send(method, path, body)`, which gives `{ status, body }`. */
export function apiOver(host) {
  async function call(method, path, body) {
    let answer = await host.send(method, path, body);
    // A token that ended on the way is replaced once.
    if (answer.status === 401) answer = await host.send(method, path, body);
    if (answer.status < 200 || answer.status > 299 || answer.body === undefined) throw refusal(answer);
    return answer.body;
  }

  return {
    issue: (id) => call('GET', `/api/issues/${part(id)}`),
    section: (id, target) => call('GET', `/api/issues/${part(id)}/section${target ? `?target=${part(target)}` : ''}`),
    generate: (id) => call('POST', `/api/issues/${part(id)}/jobs`, {}),
    undo: (id, replaceEdited) => call('POST', `/api/issues/${part(id)}/undo`, { replaceEdited }),
    saveDraft: (id, text, version) => call('PUT', `/api/drafts/${part(id)}`, { text, version }),
    scenario: (id, wanted) => call('POST', `/api/drafts/${part(id)}/scenarios`, wanted),
    accept: (id, decision) => call('POST', `/api/drafts/${part(id)}/accept`, decision),
    cancel: (id) => call('POST', `/api/jobs/${part(id)}/cancel`, {}),
    retry: (id) => call('POST', `/api/jobs/${part(id)}/retry`, {}),
    jobs: (filter) => call('GET', `/api/jobs?${new URLSearchParams(filter)}`),
    adapters: () => call('GET', '/api/adapters'),
    projectSettings: (key) => call('GET', `/api/projects/${part(key)}/settings`),
    projectFields: (key) => call('GET', `/api/projects/${part(key)}/fields`),
    saveProjectSettings: (key, settings) => call('PUT', `/api/projects/${part(key)}/settings`, settings),
    siteSettings: () => call('GET', '/api/site/settings'),
    saveSiteSettings: (settings) => call('PUT', '/api/site/settings', settings),
    retryFailed: (issue) => call('POST', '/api/site/jobs/retry', { issue }),
    bulk: () => call('GET', '/api/site/bulk'),
    countBulk: (asked) => call('POST', '/api/site/bulk/count', asked),
    startBulk: (asked) => call('POST', '/api/site/bulk', asked),
    pauseBulk: (id) => call('POST', `/api/site/bulk/${part(id)}/pause`, {}),
    resumeBulk: (id) => call('POST', `/api/site/bulk/${part(id)}/resume`, {}),
    cancelBulk: (id) => call('POST', `/api/site/bulk/${part(id)}/cancel`, {}),
    eraseExamples: () => call('DELETE', '/api/site/examples', {}),
  };
}
