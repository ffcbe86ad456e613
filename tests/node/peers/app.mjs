#!/usr/bin/env node
// An app made with atlassian-connect-express: whatever the fake Jira sends is judged by Atlassian's own code. Prints its
// address when it is ready. PEER_KEYS_URL says where the keys that sign installs are. What it took is at /heard.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(fileURLToPath(import.meta.url)));
process.env.AC_OPTS = 'no-reg';
process.env.CONNECT_KEYS_CDN_URL = process.env.PEER_KEYS_URL;

const require = createRequire(import.meta.url);
const connect = require('atlassian-connect-express');
const express = require('express');

/** Holds installations in memory. */
connect.store.register('memory', () => {
  const kept = new Map();
  const name = (key, clientKey) => `${clientKey} ${key}`;
  return {
    async get(key, clientKey) {
      return kept.get(name(key, clientKey)) ?? null;
    },
    async set(key, value, clientKey) {
      kept.set(name(key, clientKey), value);
      return value;
    },
    async saveInstallation(value, clientKey) {
      return this.set('clientInfo', value, clientKey);
    },
    async del(key, clientKey) {
      kept.delete(name(key, clientKey));
    },
    async getAllClientInfos() {
      return [...kept.values()];
    },
    async associateInstallations() {},
    async deleteAssociation() {},
    async getClientSettingsForForgeInstallation() {
      return null;
    },
    async forForgeInstallation() {
      return null;
    },
  };
});

const heard = [];
const app = express();
app.set('env', 'development');
app.use(express.json());

const server = createServer(app);
server.listen(0, '127.0.0.1', () => {
  const base = `http://127.0.0.1:${server.address().port}`;
  process.env.AC_LOCAL_BASE_URL = base;
  const log = (...words) => console.error(...words);
  const addon = connect(app, { config: { development: { localBaseUrl: base } } }, { info() {}, warn: log, error: log, debug() {} }, {}, () => {
    app.post('/enabled', addon.authenticate(), (request, response) => {
      heard.push({ what: 'enabled', clientKey: request.context.clientKey });
      response.sendStatus(204);
    });
    app.post('/uninstalled', addon.authenticateInstall(), (_, response) => {
      heard.push({ what: 'uninstalled' });
      response.sendStatus(204);
    });
    app.get('/panel', addon.authenticate(), (request, response) => {
      response.json({ issueKey: request.query.issueKey, user: request.context.userAccountId });
    });
    app.get('/api', addon.checkValidToken(), (request, response) => {
      response.json({ user: request.context.userAccountId });
    });
    app.get('/heard', (_, response) => response.json(heard));
    addon.on('host_settings_saved', (clientKey) => heard.push({ what: 'installed', clientKey }));
    addon.on('jira:issue_created', (_, body, request) => {
      // The fake answers only if it takes the token that Atlassian's code signs.
      const path = `/rest/api/3/issue/${body.issue.key}?fields=summary,description&expand=names`;
      request.context.http.get(path, (error, response, text) => {
        heard.push({ what: 'created', key: body.issue.key, status: error ? String(error) : response.statusCode, text });
      });
    });
    process.stdout.write(`${base}\n`);
  });
});
