// The calls to Jira's page that Brine makes. Forge puts `__bridge` into every page that it serves.
//
// Atlassian's own package for this, @forge/bridge, may be used but not passed on, and these pages are passed on with the
// program. tests/node/bridge.test.mjs holds every call here against what that package does.

function call(...request) {
  const bridge = globalThis.__bridge;
  if (!bridge?.callBridge) throw new Error('This page works inside Jira only. Open it from an issue.');
  return bridge.callBridge(...request);
}

/** Where the page stands: the module's key, and in `extension` the issue or project. */
export const getContext = () => call('getContext');

/** Takes on Jira's light or dark look, and stays with it. */
export const enableTheming = () => call('enableTheming');

/** A short notice at the edge of Jira's own page. */
export const showFlag = (options) => call('showFlag', options);

/**
 * A call to the app's server through Forge, with the token that proves who calls. Gives `{ status, headers, body }`, or
 * an object without a status when there was no answer that Forge takes for one.
 */
export async function invokeRemote(request) {
  const { success, payload, error } = (await call('invoke', { ...request, invokeType: 'ui-remote-fetch' })) ?? {};
  return { ...(success ? payload : error) };
}
