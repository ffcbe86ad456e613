// Brine's page in a frame that Forge opened: calls go to the server through Forge, which gives each 25 seconds and no
// stream, so a job is asked for again and again.

import { ApiError, refusal, unreachable } from '../../../web/assets/api.js';

const FIRST_REST_MS = 1000;
const LONGEST_REST_MS = 5000;

/** What Forge says in place of an answer with 401. */
const UNPROVEN = /invocation token/i;

function noAnswer(error) {
  if (!UNPROVEN.test(String(error?.message ?? ''))) return unreachable();
  return new ApiError(401, 'Brine’s server does not take calls of this app. Ask the person who runs it whether the server knows the app’s id.');
}

/** The host of a page in a Forge frame, over the functions of `bridge.js`. */
export function forgeHost(bridge) {
  /** What each job looked like last, and how often it has been so in a row. */
  const looks = new Map();

  async function send(method, path, body) {
    const request = { path, method, headers: { Accept: 'application/json' } };
    if (body !== undefined) {
      request.headers['Content-Type'] = 'application/json';
      request.body = body;
    }
    let answer;
    try {
      answer = await bridge.invokeRemote(request);
    } catch (error) {
      throw noAnswer(error);
    }
    if (typeof answer?.status !== 'number') throw noAnswer(answer);
    return { status: answer.status, body: answer.body };
  }

  /** The longer nothing changes, the longer the rest before the next look. */
  function restAfter(id, job) {
    const text = JSON.stringify(job);
    const before = looks.get(id);
    const same = before?.text === text ? before.same + 1 : 0;
    looks.set(id, { text, same });
    return Math.min(FIRST_REST_MS * 1.25 ** same, LONGEST_REST_MS);
  }

  return {
    listEveryMs: 6000,
    send,

    async watch(id, take) {
      const answer = await send('GET', `/api/jobs/${encodeURIComponent(id)}`);
      if (answer.status !== 200 || answer.body === undefined) throw refusal(answer);
      take(answer.body);
      return restAfter(id, answer.body);
    },

    followTheme() {
      // Without Jira's word the system's own preference is followed.
      Promise.resolve(bridge.enableTheming()).catch(() => {});
    },

    // Forge itself keeps the frame as high as its content.
    followSize() {},

    flag(title, description) {
      // The page itself shows the same.
      Promise.resolve(bridge.showFlag({ id: `brine-${Date.now()}`, title, description, type: 'success', isAutoDismiss: true })).catch(() => {});
    },
  };
}
