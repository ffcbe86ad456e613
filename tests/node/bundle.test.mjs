// forge/static is what `npm run build` in forge/ui makes of the sources as they are now.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const file = (path) => fileURLToPath(new URL(path, import.meta.url));
const { build } = await import('../../forge/ui/node_modules/vite/dist/node/index.js');

test('the bundle in the repository is up to date, byte for byte', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'brine-forge-'));
  try {
    await build({ configFile: file('../../forge/ui/vite.config.js'), logLevel: 'error', build: { outDir } });
    const kept = file('../../forge/static');
    assert.deepEqual(readdirSync(outDir).sort(), readdirSync(kept).sort());
    for (const name of readdirSync(kept)) {
      assert.ok(readFileSync(join(outDir, name)).equals(readFileSync(join(kept, name))), `forge/static/${name} is old: run \`make forge-ui\` and commit it`);
    }
  } finally {
    rmSync(outDir, { recursive: true });
  }
});

test('it is small, and asks nobody but Jira’s page for anything', () => {
  const script = readFileSync(file('../../forge/static/brine.js'), 'utf8');
  assert.ok(script.length < 150_000, `${script.length} characters`);
  for (const word of ['fetch(', 'XMLHttpRequest', 'eval(', 'new Function', 'innerHTML', 'WebSocket', 'localStorage']) {
    assert.ok(!script.includes(word), `the bundle holds ${word}`);
  }
  const page = readFileSync(file('../../forge/static/index.html'), 'utf8');
  assert.ok(!/<script(?![^>]*src=)|style=|https?:/.test(page), page);
});
