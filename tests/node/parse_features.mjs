#!/usr/bin/env node
// Parses feature files with the official Gherkin parser, and prints one JSON line a document:
//   {"ok":true,"scenarios":3,"steps":12,...}  or  {"ok":false,"error":"..."}
// Documents are the files named as arguments or, without arguments, the NUL-separated texts on standard input.
// Exits with 1 when a document does not parse, so that a shell script can rely on it too.
import { readFileSync } from "node:fs";
import { AstBuilder, GherkinClassicTokenMatcher, Parser, compile } from "@cucumber/gherkin";
import { IdGenerator } from "@cucumber/messages";

function documents() {
  const files = process.argv.slice(2);
  if (files.length > 0) return files.map((name) => ({ name }));
  const texts = readFileSync(0, "utf8").split("\0");
  // A NUL may end each document as well as separate two.
  if (texts.at(-1).trim() === "") texts.pop();
  return texts.map((text) => ({ text }));
}

function judge({ name, text }) {
  const newId = IdGenerator.incrementing();
  const shown = name === undefined ? {} : { file: name };
  try {
    const document = new Parser(new AstBuilder(newId), new GherkinClassicTokenMatcher()).parse(text ?? readFileSync(name, "utf8"));
    const children = document.feature?.children ?? [];
    const scenarios = children.flatMap((child) => (child.scenario ? [child.scenario] : []));
    const outlines = scenarios.filter((scenario) => scenario.examples.length > 0);
    return {
      ok: true,
      ...shown,
      language: document.feature?.language ?? null,
      feature: document.feature?.name ?? null,
      scenarios: scenarios.length,
      outlines: outlines.length,
      steps: scenarios.reduce((sum, scenario) => sum + scenario.steps.length, 0),
      comments: document.comments.length,
      // What a runner would run: an outline counts once for each row of its examples.
      pickles: compile(document, name ?? "", newId).length,
      details: scenarios.map((scenario) => ({
        keyword: scenario.keyword,
        name: scenario.name,
        tags: scenario.tags.map((tag) => tag.name),
        steps: scenario.steps.map((step) => ({ keyword: step.keyword.trim(), text: step.text })),
        rows: scenario.examples.reduce((sum, examples) => sum + examples.tableBody.length, 0),
      })),
    };
  } catch (error) {
    return { ok: false, ...shown, error: String(error.message ?? error) };
  }
}

const verdicts = documents().map(judge);
process.stdout.write(verdicts.map((verdict) => JSON.stringify(verdict) + "\n").join(""));
process.exitCode = verdicts.every((verdict) => verdict.ok) && verdicts.length > 0 ? 0 : 1;
