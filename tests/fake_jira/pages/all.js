// A small stand-in for Atlassian's host script: the part of window.AP that apps like Brine use, over postMessage.
(() => {
  const host = new URLSearchParams(location.search).get("xdm_e");
  const waiting = new Map();
  const listeners = new Map();
  let last = 0;

  const ask = (call, args) =>
    new Promise((resolve, reject) => {
      if (!host || parent === window) return reject(new Error("this page is not inside Jira"));
      const id = `${++last}`;
      waiting.set(id, { resolve, reject });
      parent.postMessage({ bridge: "ap", id, call, args }, host);
    });

  addEventListener("message", (event) => {
    if (event.origin !== host || event.source !== parent || event.data?.bridge !== "host") return;
    const pending = waiting.get(event.data.id);
    waiting.delete(event.data.id);
    if (event.data.error) pending?.reject(new Error(event.data.error));
    else pending?.resolve(event.data.value);
  });

  // As in the real one: with a callback it is called, without one a promise comes back.
  const both = (promise, callback) => (callback ? void promise.then(callback, console.error) : promise);
  const height = () => Math.ceil(document.documentElement.getBoundingClientRect().height);

  const AP = {
    context: {
      getToken: (callback) => both(ask("getToken"), callback),
      getContext: (callback) => both(Promise.resolve({}), callback),
    },
    getLocation: (callback) => both(ask("getLocation"), callback),
    resize: (width, tall) => void ask("resize", { width: width ?? "100%", height: tall ?? height() }).catch(() => {}),
    sizeToParent: () => AP.resize("100%", "100vh"),
    flag: {
      create: (options = {}) => {
        const id = `flag-${++last}`;
        void ask("showFlag", { ...options, id }).catch(() => {});
        return { close: () => void ask("closeFlag", { id }).catch(() => {}), on: () => {} };
      },
    },
    events: {
      on: (name, listener) => void listeners.set(name, [...(listeners.get(name) ?? []), listener]),
      off: (name, listener) => void listeners.set(name, (listeners.get(name) ?? []).filter((known) => known !== listener)),
      emit: (name, ...args) => (listeners.get(name) ?? []).forEach((listener) => listener(...args)),
    },
    theming: {
      initializeTheming: () => void document.documentElement.setAttribute("data-color-mode", "light"),
    },
    jira: { refreshIssuePage: () => void ask("refreshIssuePage").catch(() => {}) },
  };
  window.AP = AP;

  // Like the real one, it keeps the iframe as tall as its content unless told not to.
  const options = document.currentScript?.dataset.options ?? "";
  if (!/resize:\s*false/.test(options)) {
    const watch = () => new ResizeObserver(() => AP.resize()).observe(document.documentElement);
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", watch);
    else watch();
  }
})();
