// The app's folder as `brine forge app` writes it, held against Atlassian's own checks: all that `forge lint` and
// `forge deploy` look at before they call anybody. BRINE_FORGE_APP names the folder.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { before, test } from 'node:test';
import { parse } from 'yaml';

const require = createRequire(import.meta.url);
const { ProcessorBuilder, ValidationTypes } = require('@forge/manifest');
const { lint, getClientSideLintersOnly } = require('@forge/lint');

const folder = process.env.BRINE_FORGE_APP;
const isConnect = process.env.BRINE_FORGE_KIND === 'connect';
let manifest;

before(() => {
  assert.ok(folder, 'BRINE_FORGE_APP must name the folder: run `make test`');
  // The checks read manifest.yml and the pages where they are run.
  process.chdir(folder);
  manifest = parse(readFileSync('manifest.yml', 'utf8'));
});

test('the manifest passes every kind of validation', async () => {
  const types = Object.values(ValidationTypes);
  assert.ok(types.length >= 7, String(types));
  for (const type of types) {
    const { success, errors = [] } = await ProcessorBuilder.instance().withValidation(type).build().process();
    assert.deepEqual(errors.map(({ level, line, message }) => `${type} ${level} at line ${line}: ${message}`), []);
    assert.ok(success, type);
  }
});

test('forge lint finds nothing', async () => {
  const quiet = { info() {}, warn() {}, debug() {}, trace() {}, error() {} };
  const deprecated = { getDeprecatedRuntimes: async () => [] };
  const all = await getClientSideLintersOnly(manifest, 'production', quiet, deprecated);
  // The one for permissions downloads Jira's descriptions of its calls; `make conformance` holds the scopes against them.
  const linters = all.filter((linter) => linter.constructor.name !== 'PermissionLinter');
  assert.ok(linters.length >= 3, linters.map((linter) => linter.constructor.name).join());
  const results = await lint([], manifest, 'production', quiet, deprecated, { linters });
  const found = results.flatMap(({ errors = [], warnings = [] }) => [...errors, ...warnings]);
  assert.deepEqual(found, []);
});

test('its addresses are ones that Forge calls', () => {
  for (const { baseUrl } of manifest.remotes) assert.match(baseUrl, /^https:\/\/[a-z0-9.-]+$/);
});

function remoteTest() {
  // What those checks let pass.
  const { trigger, endpoint, scheduledTrigger, preUninstall, ...shown } = manifest.modules;
  const events = trigger.flatMap((one) => one.events).sort();
  assert.deepEqual(events, ['avi:forge:installed:app', 'avi:forge:upgraded:app', 'avi:jira:created:issue', 'avi:jira:updated:issue']);
  const endpoints = new Map(endpoint.map((one) => [one.key, one]));
  const routes = { 'brine-lifecycle': '/forge/lifecycle', 'brine-uninstall': '/forge/uninstall', 'brine-issues': '/forge/issues', 'brine-tokens': '/forge/tokens' };
  for (const { key, endpoint: named } of [...trigger, ...scheduledTrigger, ...preUninstall]) {
    const { route, auth } = endpoints.get(named);
    assert.equal(route.path, routes[key], key);
    // Forge sends a person's token with pages' calls alone.
    assert.deepEqual(auth, { appSystemToken: { enabled: true } });
  }
  for (const { key, resolver } of Object.values(shown).flat()) {
    assert.equal(endpoints.get(resolver.endpoint).auth.appUserToken.enabled, true, key);
  }
  const keys = Object.values(manifest.modules).flat().map((one) => one.key);
  assert.equal(new Set(keys).size, keys.length, 'keys must differ over the whole manifest');
  const { scopes } = manifest.permissions;
  assert.deepEqual([...scopes].sort(), ['read:app-system-token', 'read:app-user-token', 'read:jira-user', 'read:jira-work', 'write:jira-work']);
}

function connectTest() {
  const descriptor = JSON.parse(readFileSync(new URL('../../../atlassian-connect.json', import.meta.url), 'utf8'));
  const { 'jira:lifecycle': lifecycle, ...modules } = manifest.connectModules;
  assert.equal(manifest.app.connect.key, descriptor.key);
  for (const event of ['installed', 'uninstalled']) assert.equal(lifecycle[0][event], descriptor.lifecycle[event]);
  assert.deepEqual(Object.keys(modules).sort(), Object.keys(descriptor.modules).map((kind) => `jira:${kind}`).sort());
  for (const [kind, declared] of Object.entries(descriptor.modules)) {
    const wanted = [declared].flat().map(({ key, ...rest }) => ({ key: key ?? `brine-${rest.event.replace('jira:', '').replace('_', '-')}`, ...rest }));
    assert.deepEqual(modules[`jira:${kind}`].map(({ key, ...rest }) => ({ key, ...rest })), wanted);
  }
  assert.deepEqual(manifest.permissions.scopes, descriptor.scopes.map((scope) => `${scope.toLowerCase()}:connect-jira`));
}

if (isConnect) test('Connect on Forge carries the whole descriptor', connectTest);
else test('events, routes, tokens and scopes are as Brine and Forge know them', remoteTest);
