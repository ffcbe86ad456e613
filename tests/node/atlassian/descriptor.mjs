#!/usr/bin/env node
// Holds the Connect descriptor on standard input against the schema in the file that is named, with Atlassian's validator.
// Its own command prints what is wrong and ends well all the same; this one does not.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { validateDescriptor } = createRequire(import.meta.url)('atlassian-connect-validator');

const descriptor = JSON.parse(readFileSync(0, 'utf8'));
const schema = JSON.parse(readFileSync(process.argv[2], 'utf8'));
validateDescriptor(descriptor, schema, (errors, warnings) => {
  for (const { module, description } of [...(errors ?? []), ...(warnings ?? [])]) console.log(`${module}: ${description}`);
  process.exitCode = errors || warnings ? 1 : 0;
});
