// Brine's page in a frame that Connect opened: tokens and the frame by Jira's host script, progress as a stream of events.

import { refusal, unreachable } from './api.js';
import { eventReader } from './events.js';

const TOKEN_WAIT_MS = 10_000;
/** A stream that has ended is opened again at once: the server ends each after some minutes. */
const REST_MS = 0;

/** A fresh token that says who is in front of this page. */
function token(jira) {
  return new Promise((resolve, reject) => {
    if (!jira?.context?.getToken) {
      reject(new Error('This page works inside Jira only. Open it from an issue.'));
      return;
    }
    const late = setTimeout(() => reject(new Error('Jira did not answer. Reload the page.')), TOKEN_WAIT_MS);
    jira.context.getToken((given) => {
      clearTimeout(late);
      if (given) resolve(given);
      else reject(new Error('Log in to Jira to use Brine.'));
    });
  });
}

async function json(response) {
  try {
    return await response.json();
  } catch {
    // Something between the browser and Brine answered.
    return undefined;
  }
}

/** The host of a page in a Connect frame. `jira` is Jira's host script, `base` the path under which Brine is reached. */
export function connectHost(jira, base) {
  async function open(method, path, body, signal) {
    const headers = { Authorization: `JWT ${await token(jira)}` };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    try {
      return await fetch(base + path, {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: 'no-store',
        credentials: 'omit',
        signal,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreachable();
    }
  }

  return {
    listEveryMs: 3000,

    async send(method, path, body) {
      const response = await open(method, path, body);
      return { status: response.status, body: await json(response) };
    },

    // EventSource cannot send a token, so the stream is read by hand.
    async watch(id, take, signal) {
      const path = `/api/jobs/${encodeURIComponent(id)}/events`;
      let response = await open('GET', path, undefined, signal);
      if (response.status === 401) response = await open('GET', path, undefined, signal);
      if (!response.ok) throw refusal({ status: response.status, body: await json(response) });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const feed = eventReader((data) => take(JSON.parse(data)));
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return REST_MS;
        feed(value);
      }
    },

    /** Takes on Jira's light or dark look, and stays with it when it changes. */
    followTheme() {
      try {
        jira?.theming?.initializeTheming?.();
      } catch {
        // The system's own preference is followed instead.
      }
    },

    /** Keeps the frame as high as its content. */
    followSize(element) {
      if (!jira?.resize || typeof ResizeObserver === 'undefined') return;
      let told = 0;
      const tell = () => {
        const style = getComputedStyle(document.body);
        const around = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
        const height = Math.ceil(element.getBoundingClientRect().height + around);
        if (height !== told && height > 0) {
          told = height;
          jira.resize('100%', `${height}px`);
        }
      };
      new ResizeObserver(tell).observe(element);
      tell();
    },

    /** A short notice at the edge of Jira's own page. */
    flag(title, body) {
      try {
        jira?.flag?.create?.({ title, body, type: 'success', close: 'auto' });
      } catch {
        // The page itself shows the same.
      }
    },
  };
}
