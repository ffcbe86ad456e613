// Words that more than one view uses.

/** Where criteria are written, as part of a sentence. */
export const PLACES = { description: 'the description', comment: 'the comment', field: 'the field', subtasks: 'the sub-tasks', draft: 'the panel' };

/** The same at the beginning of a sentence. */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** The button that lets a draft go. */
export const ACCEPT = { description: 'Add to description', comment: 'Add as comment', field: 'Add to the field', subtasks: 'Add as sub-tasks' };

/** States of jobs: label and colour. */
export const STATES = {
  queued: ['Waiting', ''],
  running: ['Running', 'info'],
  drafted: ['Draft ready', 'violet'],
  written: ['Written', 'good'],
  withdrawn: ['Undone', ''],
  failed: ['Failed', 'bad'],
  cancelled: ['Stopped', ''],
  skipped: ['Skipped', ''],
};
