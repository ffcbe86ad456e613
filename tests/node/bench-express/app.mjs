#!/usr/bin/env node
// An app by Atlassian's framework that takes webhooks as a service must: prove the token, write one row and queue one job,
// each by the usual library, and answer only then. Whoever starts it gives the environment:
//
//   BENCH_PORT       where to listen on loopback            BENCH_DATABASE_URL   Postgres
//   BENCH_KEYS_URL   the keys that sign installs            BENCH_REDIS_PORT     Redis
//   BENCH_PROCESSES  how many processes share the port, by Node's own cluster; 1 is the app alone
//
// Prints "ready" once it listens.
import cluster from 'node:cluster';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(fileURLToPath(import.meta.url)));
const { BENCH_PORT, BENCH_DATABASE_URL, BENCH_REDIS_PORT, BENCH_KEYS_URL, BENCH_PROCESSES } = process.env;
const port = Number(BENCH_PORT);
const processes = Number(BENCH_PROCESSES ?? 1);
const base = `http://127.0.0.1:${port}`;

Object.assign(process.env, { AC_OPTS: 'no-reg', CONNECT_KEYS_CDN_URL: BENCH_KEYS_URL, AC_LOCAL_BASE_URL: base });
process.env.NODE_ENV = 'production';

if (cluster.isPrimary && processes > 1) {
  // One after the other: two that make the same tables at once get in each other's way.
  let listening = 0;
  cluster.on('listening', () => {
    listening += 1;
    if (listening < processes) cluster.fork();
    else console.log('ready');
  });
  cluster.on('exit', () => process.exit(1));
  cluster.fork();
} else {
  await serve();
  if (cluster.isPrimary) console.log('ready');
}

async function serve() {
  const require = createRequire(import.meta.url);
  const connect = require('atlassian-connect-express');
  const express = require('express');
  const { Pool } = require('pg');
  const { Queue } = require('bullmq');

  const database = new Pool({ connectionString: BENCH_DATABASE_URL, max: 20 });
  await database.query(`CREATE TABLE IF NOT EXISTS jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client_key TEXT NOT NULL, delivery TEXT NOT NULL, issue_id TEXT NOT NULL, issue_key TEXT NOT NULL,
    state TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL DEFAULT now(), UNIQUE (client_key, delivery))`);
  const queue = new Queue('webhooks', { connection: { host: '127.0.0.1', port: Number(BENCH_REDIS_PORT) } });
  await queue.waitUntilReady();

  const app = express();
  app.set('env', 'production');
  app.use(express.json({ limit: '5mb' }));
  const silent = { info() {}, debug() {}, warn: console.error, error: console.error };
  const store = { adapter: 'sequelize', dialect: 'postgres', url: BENCH_DATABASE_URL, logging: false, pool: { max: 20 } };
  const config = { production: { localBaseUrl: base, store } };

  const addon = await new Promise((resolve) => {
    const made = connect(app, { config }, silent, {}, () => resolve(made));
  });
  // Without its tables the first install would come too early.
  await Promise.all([addon.settings.connectionPromise, addon.settings.installationMappingPromise, addon.settings.forgeSettingsPromise]);
  app.post('/webhooks/issue-created', addon.authenticate(), async (request, response, next) => {
    try {
      const { issue } = request.body;
      const written = await database.query(
        `INSERT INTO jobs (client_key, delivery, issue_id, issue_key, state) VALUES ($1, $2, $3, $4, 'queued')
         ON CONFLICT DO NOTHING RETURNING id`,
        [request.context.clientKey, request.get('X-Atlassian-Webhook-Identifier'), issue.id, issue.key],
      );
      if (written.rowCount === 1) {
        const id = written.rows[0].id;
        await queue.add('draft', { job: id }, { jobId: `job-${id}` });
      }
      response.status(204).end();
    } catch (error) {
      next(error);
    }
  });
  await new Promise((resolve) => app.listen(port, '127.0.0.1', resolve));
}
