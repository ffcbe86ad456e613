// What Jira gives to a page in its frame, behind functions that also work where a part of it is missing.

const host = globalThis.AP;
const TOKEN_WAIT_MS = 10_000;

/** A fresh token that says who is in front of this page. */
export function token() {
  return new Promise((resolve, reject) => {
    if (!host?.context?.getToken) {
      reject(new Error('This page works inside Jira only. Open it from an issue.'));
      return;
    }
    const late = setTimeout(() => reject(new Error('Jira did not answer. Reload the page.')), TOKEN_WAIT_MS);
    host.context.getToken((given) => {
      clearTimeout(late);
      if (given) resolve(given);
      else reject(new Error('Log in to Jira to use Brine.'));
    });
  });
}

/** Takes on Jira's light or dark look, and stays with it when it changes. */
export function followTheme() {
  try {
    host?.theming?.initializeTheming?.();
  } catch {
    // The system's own preference is followed instead.
  }
}

/** Keeps the frame as high as its content. */
export function followSize(element) {
  if (!host?.resize || typeof ResizeObserver === 'undefined') return;
  let told = 0;
  const tell = () => {
    const style = getComputedStyle(document.body);
    const around = parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
    const height = Math.ceil(element.getBoundingClientRect().height + around);
    if (height !== told && height > 0) {
      told = height;
      host.resize('100%', `${height}px`);
    }
  };
  new ResizeObserver(tell).observe(element);
  tell();
}

/** A short notice at the edge of Jira's own page. */
export function flag(title, body, type = 'success') {
  try {
    host?.flag?.create?.({ title, body, type, close: 'auto' });
  } catch {
    // The page itself shows the same.
  }
}
