#!/usr/bin/env node
// The query string hash by Atlassian's own package: a request {"method", "path", "query"} a line in, a hash a line out.
import { createRequire } from 'node:module';
import { parse } from 'node:querystring';
import { createInterface } from 'node:readline';

const { createQueryStringHash } = createRequire(import.meta.url)('atlassian-jwt');

for await (const line of createInterface({ input: process.stdin })) {
  const { method, path, query } = JSON.parse(line);
  // Taken apart here: Node's parser of whole addresses changes some paths, and by itself reads 1000 keys at most.
  const request = { method, pathname: path, query: parse(query, '&', '=', { maxKeys: 0 }) };
  process.stdout.write(`${createQueryStringHash(request, false, '')}\n`);
}
