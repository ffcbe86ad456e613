// The page's side of the bridge: answers what the app's iframe asks through window.AP.

const frames = [...document.querySelectorAll("iframe.app-frame")];

const calls = {
  async getToken(_frame) {
    const answer = await fetch("/host/token", { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(`no token: ${answer.status}`);
    return (await answer.json()).token;
  },
  getLocation: () => location.href,
  resize(frame, { width, height }) {
    if (width) frame.style.width = /^\d+$/.test(String(width)) ? `${width}px` : width;
    if (height) frame.style.height = /^\d+$/.test(String(height)) ? `${height}px` : height;
  },
  refreshIssuePage: () => location.reload(),
  showFlag(_frame, { id, title, body, type, close }) {
    const flag = document.createElement("div");
    flag.className = `flag ${type ?? "info"}`;
    flag.dataset.flag = id;
    const strong = document.createElement("strong");
    strong.textContent = title ?? "";
    const text = document.createElement("div");
    text.textContent = body ?? "";
    flag.append(strong, text);
    document.getElementById("flags").append(flag);
    if (close === "auto") setTimeout(() => flag.remove(), 8000);
  },
  closeFlag(_frame, { id }) {
    document.querySelector(`[data-flag="${CSS.escape(id)}"]`)?.remove();
  },
};

addEventListener("message", async (event) => {
  const frame = frames.find((frame) => frame.contentWindow === event.source);
  // Only the app's own page, and only from the app's own origin.
  if (!frame || event.origin !== frame.dataset.origin || event.data?.bridge !== "ap") return;
  const { id, call, args } = event.data;
  let answer;
  try {
    if (!Object.hasOwn(calls, call)) throw new Error(`unknown call ${call}`);
    answer = { value: await calls[call](frame, args ?? {}) };
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  event.source.postMessage({ bridge: "host", id, ...answer }, event.origin);
});
