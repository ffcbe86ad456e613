#!/usr/bin/env node
// Plays recorded exchanges through Prism, which stands between a client and a server and holds both against an OpenAPI
// file: `prism.mjs FILE < exchanges`, a {"method", "path", "query", "body", "status", "answer"} a line. The client asks what was
// asked, the server answers what was answered. What Prism finds is printed; the exit code is 1 then.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const exchanges = [];
for await (const line of createInterface({ input: process.stdin })) exchanges.push(JSON.parse(line));

/** Hears of free ports by taking one for a moment. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const upstream = createServer((request, response) => {
  const { status, answer } = exchanges[Number(request.headers['x-exchange'])];
  // Also where there is no body: the file gives a type to every answer, and Prism wants to see it.
  response.writeHead(status, { 'content-type': 'application/json' });
  // An empty body is no JSON to Prism: null stands for it, which only an answer that may be anything allows.
  response.end(status === 204 ? undefined : JSON.stringify(answer));
});
await new Promise((resolve) => upstream.listen(0, '127.0.0.1', resolve));

const port = await freePort();
const folder = dirname(createRequire(import.meta.url).resolve('@stoplight/prism-cli/package.json'));
const args = ['proxy', '--errors', '--host', '127.0.0.1', '--port', String(port), process.argv[2], `http://127.0.0.1:${upstream.address().port}`];
const prism = spawn(process.execPath, [join(folder, 'dist/index.js'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
let log = '';
await new Promise((resolve, reject) => {
  prism.stdout.on('data', (data) => {
    log += data;
    if (log.includes('Prism is listening')) resolve();
  });
  prism.on('exit', () => reject(new Error(`Prism does not start:\n${log}`)));
});

let wrong = 0;
for (const [at, { method, path, query, body }] of exchanges.entries()) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}${query ? `?${query}` : ''}`, {
    method,
    headers: { 'x-exchange': String(at), accept: 'application/json', authorization: 'Bearer x', ...(body === null ? {} : { 'content-type': 'application/json' }) },
    body: body === null ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  // Prism puts its own report in place of the answer.
  if (answer.headers.get('content-type')?.includes('problem+json') || answer.status !== exchanges[at].status) {
    wrong += 1;
    console.log(`${method} ${path}?${query} (${exchanges[at].status}): Prism says ${answer.status} ${text.slice(0, 800)}`);
  }
}
console.log(`${exchanges.length - wrong} of ${exchanges.length} exchanges are as described`);
prism.kill();
upstream.close();
process.exitCode = wrong > 0 || exchanges.length === 0 ? 1 : 0;
