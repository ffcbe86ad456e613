// Reading server-sent events.

/** Gives a function that takes the text of a stream as it comes, and calls `onData` with the `data` of each event. */
export function eventReader(onData) {
  let rest = '';
  let data = [];
  return (text) => {
    rest += text;
    const lines = rest.split(/\r\n|\n|\r/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) onData(data.join('\n'));
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  };
}
