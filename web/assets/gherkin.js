// Reading the scenarios that the model has finished so far, for the cards; and the text of a .feature file.
// The server is the one that judges Gherkin: this reads only what it wrote itself.

const STEP = /^(Given|When|Then|And|But) (.*)$/;
const TITLE = /^Scenario(?: Outline)?: (.*)$/;

/** The scenarios of a text, in the shape in which a draft has them. */
export function scenariosOf(text) {
  const scenarios = [];
  let tag = null;
  let scenario = null;
  for (const raw of (text ?? '').split('\n')) {
    const line = raw.trim();
    const title = TITLE.exec(line);
    const step = STEP.exec(line);
    if (line.startsWith('@')) {
      tag = line.split(/\s+/)[0].slice(1);
    } else if (title) {
      scenario = { tag, title: title[1], steps: [], findings: [] };
      scenarios.push(scenario);
    } else if (step && scenario) {
      scenario.steps.push({ keyword: step[1], text: step[2] });
    } else if (line.startsWith('|') && scenario) {
      const cells = cellsOf(line);
      if (scenario.examples) scenario.examples.rows.push(cells);
      else scenario.examples = { columns: cells, rows: [] };
    }
  }
  return scenarios;
}

function cellsOf(line) {
  const cells = [''];
  const inner = line.slice(1, line.endsWith('|') ? -1 : undefined);
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === '\\' && at + 1 < inner.length) {
      at += 1;
      cells[cells.length - 1] += inner[at];
    } else if (inner[at] === '|') cells.push('');
    else cells[cells.length - 1] += inner[at];
  }
  return cells.map((cell) => cell.trim());
}

/** A whole .feature file. */
export function featureOf(summary, text) {
  const name = summary.split(/\s+/).join(' ').trim();
  const body = text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
  return `Feature: ${name}\n\n${body.join('\n').trimEnd()}\n`;
}
