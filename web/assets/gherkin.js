// The text of a .feature file. Reading and judging Gherkin is the server's.

/** A whole .feature file in the language of the draft, with the notes on it as comments. */
export function featureOf(summary, { dialect, notes, text }) {
  const name = summary.split(/\s+/).join(' ').trim();
  const lines = text.split('\n');
  // The line that names the language comes first in a file, too.
  const language = lines[0].startsWith('# language:') ? [lines.shift()] : [];
  const head = [...language, ...notes.map((note) => `# Note: ${note.text}`), `${dialect.feature}: ${name}`, ''];
  const body = lines.join('\n').trim().split('\n').map((line) => (line === '' ? '' : `  ${line}`));
  return `${[...head, ...body].join('\n').trimEnd()}\n`;
}
