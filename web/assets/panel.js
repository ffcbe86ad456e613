// The panel in an issue: decides what there is to see, and shows it.

import { comparison } from './compare.js';
import { announce, byId } from './dom.js';
import { draftView } from './draft-view.js';
import { editorView } from './editor.js';
import { words } from './errors.js';
import { follow, isFinal } from './follow.js';
import { progressView } from './progress-view.js';
import { emptyView, failedView, troubleView, undoView, writtenView } from './simple-views.js';
import { capital, PLACES } from './words.js';

/**
 * Shows the panel of the issue in `place`. With `place.start` the person has asked for criteria already: they are begun
 * unless there are some, or somebody is at it.
 */
export function panel({ api, host, place }) {
  const { issueId, issueKey } = place;
  const view = byId('view');
  let watching = null;
  let mayRefresh = true;
  let mayStart = Boolean(place.start);

  /** Puts elements in place of the view. The focus stays with a person who was in it, and is never taken from Jira. */
  function render(...elements) {
    const wasInside = document.hasFocus() && (view.contains(document.activeElement) || document.activeElement === document.body);
    const hadContent = view.getAttribute('aria-busy') !== 'true';
    view.replaceChildren(...elements.filter(Boolean));
    view.removeAttribute('aria-busy');
    if (wasInside && hadContent) (view.querySelector('[data-focus]') ?? view).focus({ preventScroll: true });
  }

  async function refresh(notice) {
    try {
      const seen = await api.issue(issueId);
      const isIdle = !seen.draft && (!seen.job || isFinal(seen.job));
      const start = mayStart && isIdle && seen.may.generate;
      mayStart = false;
      if (start) await generate();
      else show(seen, notice);
    } catch (error) {
      mayRefresh = true;
      render(troubleView(words(error), error.status !== 403 && error.status !== 404 ? () => refresh() : null));
    }
  }

  function show(seen, notice) {
    const { draft, job } = seen;
    mayRefresh = true;
    if (job && !isFinal(job)) return watch(seen, job);
    const failed = job?.state === 'failed' || job?.state === 'skipped';
    const problem = failed ? job.error ?? 'The job did not succeed.' : null;
    if (draft?.state === 'open') return showDraft(seen, notice ?? problem);
    if (draft?.state === 'accepted') {
      if (job?.task === 'publish' && job.state !== 'written') {
        const reason = problem ?? 'Adding the criteria to Jira was stopped.';
        return render(...failedView({ reason, draft, issue: seen.issue, retry: () => retry(job), isWriting: true, canRetry: true }));
      }
      return render(...writtenView({ ...seen, problem: notice ?? problem, again: () => generate(), undo: () => undo(seen) }));
    }
    if (failed && job.task === 'draft') {
      return render(...failedView({ reason: problem, retry: () => generate(), canRetry: seen.may.generate }));
    }
    return render(...emptyView({ mayGenerate: seen.may.generate, notice, stopped: job?.state === 'cancelled', generate }));
  }

  function showDraft(seen, notice) {
    render(
      ...draftView({
        ...seen,
        notice,
        accept: () => accept(seen),
        regenerate: generate,
        edit: () => edit(seen),
        scenario: (wanted) => scenario(seen, wanted),
      }),
    );
  }

  async function generate() {
    try {
      const { job } = await api.generate(issueId);
      watch(null, job);
    } catch (error) {
      await refresh(words(error));
    }
  }

  /** One scenario anew, or one more; the draft with it takes the place of this one. */
  async function scenario(seen, wanted) {
    try {
      const { job } = await api.scenario(seen.draft.id, { version: seen.draft.version, ...wanted });
      watch(seen, job);
    } catch (error) {
      await refresh(words(error));
    }
  }

  async function retry(job) {
    try {
      watch(null, (await api.retry(job.id)).job);
    } catch (error) {
      await refresh(words(error));
    }
  }

  /** Shows a job until it has ended, then what came of it. */
  async function watch(seen, job) {
    watching?.abort();
    watching = new AbortController();
    const { signal } = watching;
    mayRefresh = false;
    const progress = progressView(job, {
      mayStop: seen ? seen.may.generate : true,
      stop: async () => {
        await api.cancel(job.id).catch((error) => progress.trouble(words(error)));
      },
    });
    render(...progress.elements);
    try {
      const ended = await follow(host, job.id, { onJob: progress.update, onTrouble: progress.trouble, signal });
      if (!ended) return;
      await finish(ended);
    } catch (error) {
      await refresh(words(error));
    }
  }

  async function finish(job) {
    if (job.state === 'written') {
      const place = PLACES[job.target] ?? 'Jira';
      announce(`Done. The criteria are in ${place}.`);
      host.flag('Acceptance criteria added', `${issueKey}: they are in ${place}.`);
    } else if (job.state === 'withdrawn') {
      announce('Undone. The draft is here again.');
      host.flag('Undone', `${issueKey}: the criteria are a draft again.`);
    } else if (job.state === 'drafted') {
      announce('The draft is ready.');
    } else if (job.state === 'failed') {
      announce('That did not work.');
    }
    // The worker refuses to write over a section that a person edited in the meantime, and gives the draft back.
    if (job.task === 'publish' && job.state !== 'written') {
      const seen = await api.issue(issueId);
      if (seen.draft?.state === 'open' && (await compareIfEdited({ ...seen, target: job.target }))) return;
    }
    await refresh();
  }

  async function accept(seen) {
    try {
      if (await compareIfEdited(seen)) return;
      await decide(seen, false);
    } catch (error) {
      showDraft(seen, words(error));
    }
  }

  async function decide({ draft, target }, replaceEdited) {
    const { job } = await api.accept(draft.id, { version: draft.version, target, replaceEdited });
    watch(null, job);
  }

  /** Whether a person changed Brine's section: then both texts are shown, and the person decides. */
  async function compareIfEdited(seen) {
    const section = await api.section(issueId, seen.target);
    if (!section.edited) return false;
    mayRefresh = false;
    announce('The criteria in Jira were edited. Compare them with the draft.');
    render(
      ...comparison({
        place: PLACES[seen.target],
        inIssue: section.text,
        draft: section.draftText,
        keep: () => refresh(`${capital(PLACES[seen.target])} was left as it is. The draft is kept here.`),
        replace: async () => {
          try {
            await decide(seen, true);
          } catch (error) {
            await refresh(words(error));
          }
        },
      }),
    );
    return true;
  }

  /** Takes back what was written last; asks first when a person has changed it since. */
  async function undo(seen) {
    try {
      const section = await api.section(issueId);
      if (!section.edited) return watch(null, (await api.undo(issueId, false)).job);
      const place = PLACES[seen.written?.target ?? seen.target] ?? 'Jira';
      mayRefresh = false;
      announce('The criteria in Jira were edited.');
      render(
        ...undoView({
          place,
          text: section.text,
          keep: () => refresh(),
          undo: async () => {
            try {
              watch(null, (await api.undo(issueId, true)).job);
            } catch (error) {
              await refresh(words(error));
            }
          },
        }),
      );
    } catch (error) {
      await refresh(words(error));
    }
    return undefined;
  }

  function edit(seen) {
    mayRefresh = false;
    render(
      ...editorView(seen.draft, {
        save: (text) => api.saveDraft(seen.draft.id, text, seen.draft.version),
        saved: (draft) => {
          announce('Saved.');
          showDraft({ ...seen, draft });
          mayRefresh = true;
        },
        cancel: () => refresh(),
      }),
    );
    view.querySelector('textarea').focus();
  }

  refresh();
  // Someone else may have decided in the meantime.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && mayRefresh) refresh();
  });
}
