function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === void 0 || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "class") element.className = value;
    else if (key === "value" || key === "disabled" || key === "hidden") element[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  add(element, children);
  return element;
}
function add(element, children) {
  for (const child of children) {
    if (child === void 0 || child === null || child === false) continue;
    if (Array.isArray(child)) add(element, child);
    else element.append(child);
  }
}
function button(label, action, properties = {}) {
  const element = el("button", { type: "button", ...properties }, label);
  element.addEventListener("click", async () => {
    if (element.disabled) return;
    element.disabled = true;
    try {
      await action(element);
    } finally {
      element.disabled = false;
    }
  });
  return element;
}
function byId(id) {
  return document.getElementById(id);
}
function announce(text) {
  const live = byId("live");
  if (live && live.textContent !== text) live.textContent = text;
}
function count(number, one, many = `${one}s`) {
  return `${number} ${number === 1 ? one : many}`;
}
function choose(select, value) {
  const wanted = value ?? "";
  if (![...select.options].some((option) => option.value === wanted)) {
    select.append(el("option", { value: wanted }, `${wanted} (no longer there)`));
  }
  select.value = wanted;
}
function message(kind, text, ...actions2) {
  return el(
    "div",
    { class: `message ${kind ?? ""}`, role: kind === "error" ? "alert" : void 0 },
    el("p", {}, text),
    actions2.length > 0 && el("div", { class: "actions" }, actions2)
  );
}
function words(error) {
  return error?.message || "Something went wrong. Reload the page and try again.";
}
function fieldset(legend, ...fields) {
  return el("fieldset", {}, el("legend", {}, legend), fields);
}
function choice(input, title, help) {
  return el("label", { class: "choice" }, input, el("span", {}, el("strong", {}, title), el("span", { class: "quiet" }, help)));
}
function field(label, input, help) {
  if (help) input.setAttribute("aria-describedby", `${input.id}-help`);
  return el(
    "div",
    { class: "field" },
    el("label", { for: input.id }, label),
    input,
    help && el("span", { id: `${input.id}-help`, class: "quiet" }, help)
  );
}
function adapterField(offered, { unset, help }) {
  const options = [
    el("option", { value: "" }, unset),
    el("option", { value: "plain" }, "None, the model alone"),
    ...offered.adapters.map((name) => el("option", { value: name }, name))
  ];
  return field("Adapter of the model", el("select", { id: "adapter" }, options), help);
}
function saveBar() {
  const save = el("button", { type: "submit", class: "primary" }, "Save");
  const saved = el("span", { id: "saved", class: "quiet", role: "status" });
  return { bar: el("div", { class: "actions" }, save, saved), save, saved };
}
const clock = new Intl.DateTimeFormat(void 0, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["day", 864e5],
  ["hour", 36e5],
  ["minute", 6e4]
];
function timeElement(ms) {
  const element = document.createElement("time");
  element.dateTime = new Date(ms).toISOString();
  element.title = clock.format(ms);
  element.textContent = ago(ms);
  return element;
}
function ago(ms, now = Date.now()) {
  const past = now - ms;
  if (past > 7 * 864e5) return clock.format(ms);
  for (const [unit, length] of UNITS) {
    if (past >= length) return relative.format(-Math.floor(past / length), unit);
  }
  return "just now";
}
function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1e3));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
const ROUGH_UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60]
];
function roughly(seconds) {
  for (const [unit, length] of ROUGH_UNITS) {
    if (seconds >= length * 1.5) {
      const number = Math.round(seconds / length);
      return `${number} ${unit}${number === 1 ? "" : "s"}`;
    }
  }
  return seconds > 45 ? "1 minute" : "less than a minute";
}
const hours = new Intl.DateTimeFormat(void 0, { timeStyle: "short" });
function clockTime(ms) {
  return hours.format(ms);
}
const STATES$1 = {
  running: ["Running", "info"],
  paused: ["Paused", "careful"],
  done: ["Done", "good"],
  cancelled: ["Stopped", ""],
  failed: ["Failed", "bad"]
};
const USUAL_MOST = 500;
const STOP = "Stop the run";
const SURE$1 = "Stop for good?";
const isLive = (run) => run && (run.state === "running" || run.state === "paused");
function bulkRuns({ api, host }) {
  const usage = el("p", { id: "usage", class: "quiet" });
  const trouble = el("div", { id: "bulk-trouble" });
  const runPlace = el("div", { id: "bulk-run" }, el("p", { class: "quiet" }, "Loading …"));
  const formPlace = el("div", { id: "bulk-start" });
  let shown = "";
  let busy = false;
  async function load() {
    if (busy) return;
    try {
      draw(await api.bulk());
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
    }
  }
  function draw(answer) {
    usage.textContent = usageOf(answer.usage);
    const { run } = answer;
    const now = JSON.stringify([run, answer.mostPerRun, Math.floor(Date.now() / 3e4)]);
    if (now === shown) return;
    shown = now;
    const { activeElement } = document;
    const focused = runPlace.contains(activeElement) ? activeElement.dataset.order : void 0;
    if (focused === "stop" && activeElement.textContent === SURE$1 && isLive(run)) {
      shown = "";
      return;
    }
    runPlace.replaceChildren(...run ? [runView(run, order)] : []);
    if (focused) runPlace.querySelector(`[data-order="${focused}"]`)?.focus({ preventScroll: true });
    if (isLive(run)) formPlace.replaceChildren();
    else if (!formPlace.hasChildNodes()) formPlace.append(startForm(answer.mostPerRun, { api, start }));
  }
  async function work(action) {
    busy = true;
    trouble.replaceChildren();
    try {
      await action();
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
    } finally {
      busy = false;
    }
    await load();
  }
  const order = (action, run) => work(async () => {
    await api[action](run.id);
    announce({ pauseBulk: "The run is paused.", resumeBulk: "The run goes on.", cancelBulk: "The run is stopped." }[action]);
  });
  const start = (asked) => work(async () => {
    await api.startBulk(asked);
    announce("The run has begun.");
    host.flag("Bulk run started", "Progress is shown on this page.");
  });
  load();
  setInterval(() => {
    if (document.visibilityState === "visible") load();
  }, host.listEveryMs);
  return el(
    "section",
    { "aria-labelledby": "bulk-heading" },
    el("h2", { id: "bulk-heading", class: "large" }, "Many stories at once"),
    usage,
    trouble,
    runPlace,
    formPlace
  );
}
function usageOf({ today, perDay, until }) {
  const begun = `${count(today, "story", "stories")} begun today`;
  if (perDay === null) return `${begun}; no daily limit.`;
  return `${begun} of at most ${perDay}; a new day begins at ${clockTime(until)}.`;
}
function runView(run, order) {
  const [label, colour] = STATES$1[run.state] ?? [run.state, ""];
  const ended = run.done + run.failed + run.skipped;
  const live = isLive(run);
  return el(
    "div",
    { class: "run", "data-run": run.id, "data-state": run.state },
    el("div", { class: "headline" }, el("h3", {}, live ? "This run" : "The last run"), el("span", { class: `lozenge ${colour}` }, label)),
    el("code", { class: "jql" }, run.jql),
    el("progress", { max: String(Math.max(run.total, 1)), value: String(ended), "aria-label": "Stories that are through" }),
    el("p", {}, `${ended} of ${live ? "about " : ""}${run.total}: ${partsOf(run)}.`, timeLeft(run)),
    run.error && message(run.state === "failed" ? "error" : "warning", sentence(run.error)),
    el("p", { class: "quiet small" }, "Started ", timeElement(run.createdAt), run.createdByName ? ` by ${run.createdByName}` : "", ` · ${whatFor(run)}`),
    live && el(
      "div",
      { class: "actions" },
      run.state === "running" ? button("Pause", () => order("pauseBulk", run), { "data-order": "pause" }) : button("Go on", () => order("resumeBulk", run), { "data-order": "pause", class: "primary" }),
      stopButton(run, order)
    )
  );
}
function stopButton(run, order) {
  const press = () => {
    if (stop.textContent === SURE$1) return order("cancelBulk", run);
    stop.textContent = SURE$1;
    return void 0;
  };
  const stop = button(STOP, press, { "data-order": "stop" });
  stop.addEventListener("blur", () => {
    stop.textContent = STOP;
  });
  return stop;
}
function partsOf(run) {
  const parts = [`${run.done} ${run.publish ? "written" : "drafted"}`];
  if (run.failed > 0) parts.push(`${run.failed} failed`);
  if (run.skipped > 0) parts.push(`${run.skipped} left out`);
  if (run.waiting > 0) parts.push(`${run.waiting} in the queue or at work`);
  return parts.join(", ");
}
function timeLeft(run) {
  return run.secondsLeft ? ` About ${roughly(run.secondsLeft)} left.` : "";
}
function whatFor(run) {
  const target = run.publish ? "criteria go to Jira as each project’s settings say" : "criteria wait as drafts";
  return `at most ${count(run.most, "story", "stories")}, ${target}${run.again ? ", also for stories that have some" : ""}`;
}
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
function startForm(mostPerRun, { api, start }) {
  const jql = el("textarea", { id: "bulk-jql", rows: "2", spellcheck: "false", placeholder: 'project = SHOP AND issuetype = Story AND statusCategory = "To Do"' });
  const most = el("input", { type: "number", id: "bulk-most", min: "1", max: String(mostPerRun), value: String(Math.min(USUAL_MOST, mostPerRun)) });
  const drafts = el("input", { type: "radio", name: "bulk-target", id: "bulk-drafts", checked: true });
  const publish = el("input", { type: "radio", name: "bulk-target", id: "bulk-publish" });
  const again = el("input", { type: "checkbox", id: "bulk-again" });
  const result = el("div", { id: "bulk-cost", "aria-live": "polite" });
  const asked = () => ({ jql: jql.value, most: Number(most.value), publish: publish.checked, again: again.checked });
  async function countStories() {
    try {
      const wanted = asked();
      const cost = await api.countBulk(wanted);
      result.replaceChildren(
        message(null, ...costOf(cost, wanted), cost.stories > 0 && button(`Start for ${upTo(cost.stories)}`, () => start(wanted), { class: "primary" }))
      );
    } catch (error) {
      result.replaceChildren(message("error", words(error)));
    }
  }
  const form2 = el(
    "form",
    {
      class: "bulk-form",
      novalidate: true,
      onsubmit: (event) => event.preventDefault(),
      // What was counted is no longer what would be started.
      oninput: () => result.replaceChildren()
    },
    fieldset(
      "Write criteria for all stories that a JQL finds",
      field("JQL", jql, "In the order in which the JQL finds them, behind everything that people and projects ask for."),
      field("At most so many stories", most, `Up to ${mostPerRun}. Stories that are left out do not count.`),
      choice(drafts, "Keep them as drafts", "Somebody looks at each in the issue and accepts it. Nothing is written to Jira by itself."),
      choice(publish, "Write them to Jira", "To where each project’s Brine settings say, without anybody looking first."),
      choice(again, "Also stories that have criteria of Brine’s", "Otherwise these are left out. A draft that somebody has begun to edit is always left alone."),
      el("div", { class: "actions" }, button("Count stories", countStories)),
      result
    )
  );
  return form2;
}
const upTo = (stories) => stories === 1 ? "1 story" : `up to ${stories} stories`;
function costOf(cost, { most }) {
  if (cost.matches === 0) return ["This JQL finds no issue now."];
  const found = `About ${count(cost.matches, "issue")} found${cost.matches > most ? `; the first ${most} without criteria get some` : ""}.`;
  const pace = cost.measured ? "as stories of this site took lately" : "as the default model took on two cores; this site has no stories of its own to measure yet";
  const time = `If none has criteria yet, this takes about ${roughly(cost.seconds)} (${Math.round(cost.secondsPerStory)} s a story, ${pace}, ${cost.workers} at a time)`;
  const points = `and at most ${cost.points} of the ${cost.pointsAnHour} points that Jira gives an app for an hour.`;
  const days = cost.days ? ` The daily limit spreads it over ${count(cost.days, "day")}.` : "";
  return [`${found} ${time} ${points}${days}`];
}
const TAGS = {
  "happy-path": ["Happy path", "good"],
  negative: ["Negative", "bad"],
  "edge-case": ["Edge case", "careful"],
  security: ["Security", "violet"],
  performance: ["Performance", "teal"],
  accessibility: ["Accessibility", "info"]
};
function tagLozenge(tag) {
  const [label, colour] = TAGS[tag] ?? [tag, ""];
  return el("span", { class: `lozenge ${colour}` }, label);
}
function stepText(text) {
  const parts = text.split(/("[^"]*"|<[^<>]+>)/);
  return parts.filter((part2) => part2 !== "").map((part2, place) => {
    const isValue = /^(".*"|<.*>)$/s.test(part2);
    return isValue ? el("span", { class: "value", "data-part": place }, part2) : part2;
  });
}
function examplesTable({ columns, rows }) {
  const cells = (names, kind) => names.map((name) => el(kind, kind === "th" ? { scope: "col" } : {}, name));
  return el(
    "div",
    { class: "examples", tabindex: "0", role: "region", "aria-label": "Examples" },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, cells(columns, "th"))),
      el("tbody", {}, rows.map((row2) => el("tr", {}, cells(row2, "td"))))
    )
  );
}
function basisOf(basis) {
  if (basis?.kind === "sentence") {
    return el("blockquote", { class: "basis" }, el("span", { class: "unseen" }, "From the story: "), `“${basis.text}”`);
  }
  if (basis?.kind === "assumption") {
    return el("p", { class: "basis assumed" }, "The story does not say this. Check it before you accept it.");
  }
  return null;
}
function scenarioCard(scenario, { arriving = false, footer = null } = {}) {
  const isAssumption = scenario.basis?.kind === "assumption";
  const findings = (scenario.findings ?? []).filter((finding) => finding.rule !== "assumption");
  return el(
    "li",
    { class: arriving ? "card arriving" : "card" },
    el(
      "div",
      { class: "tags" },
      scenario.tag && tagLozenge(scenario.tag),
      isAssumption && el("span", { class: "lozenge careful" }, "Assumption"),
      scenario.examples && el("span", { class: "lozenge" }, "Outline")
    ),
    el("h3", {}, scenario.title),
    el(
      "ol",
      { class: "steps" },
      scenario.steps.map(
        (step) => el("li", {}, el("span", { class: "keyword" }, step.keyword), el("span", {}, " ", stepText(step.text)))
      )
    ),
    scenario.examples && examplesTable(scenario.examples),
    basisOf(scenario.basis),
    findings.length > 0 && el("ul", { class: "hints", "aria-label": "Hints" }, findings.map((finding) => el("li", {}, finding.message))),
    footer
  );
}
function questionsBox(questions) {
  if (questions.length === 0) return null;
  return el(
    "section",
    { class: "questions", "aria-labelledby": "questions-title" },
    el("h3", { id: "questions-title" }, questions.length === 1 ? "A question for you" : "Questions for you"),
    el("ul", {}, questions.map((question) => el("li", {}, question)))
  );
}
function notesOn(draft) {
  return draft.notes.map((note) => message("warning", note.text));
}
function summaryLine(draft) {
  const assumed = draft.scenarios.filter((scenario) => scenario.basis?.kind === "assumption").length;
  const onScenarios = draft.scenarios.flatMap((scenario) => scenario.findings);
  const all = [...onScenarios, ...draft.findings];
  const hints = all.filter(({ rule }) => rule !== "assumption" && rule !== "not_covered").length;
  const open = draft.findings.filter(({ rule }) => rule === "not_covered").length;
  const parts = [count(draft.scenarios.length, "scenario")];
  if (assumed > 0) parts.push(count(assumed, "assumption"));
  if (open > 0) parts.push(`${open} not covered`);
  if (hints > 0) parts.push(count(hints, "hint"));
  return parts.join(" · ");
}
function madeBy(provenance) {
  const adapter = provenance.adapter ? ` + ${provenance.adapter}` : "";
  return `${provenance.model}${adapter} with prompt ${provenance.prompt}`;
}
const PLACES = { description: "the description", comment: "the comment", field: "the field", subtasks: "the sub-tasks", draft: "the panel" };
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const ACCEPT = { description: "Add to description", comment: "Add as comment", field: "Add to the field", subtasks: "Add as sub-tasks" };
const STATES = {
  queued: ["Waiting", ""],
  running: ["Running", "info"],
  drafted: ["Draft ready", "violet"],
  written: ["Written", "good"],
  withdrawn: ["Undone", ""],
  failed: ["Failed", "bad"],
  cancelled: ["Stopped", ""],
  skipped: ["Skipped", ""]
};
function stageOf(job) {
  const { progress } = job;
  switch (progress.stage) {
    case "queued": {
      if (job.error) return [`${job.attempts > 0 ? "Waiting to try again" : "Waiting"}. ${capital(job.error)}`, 0];
      if (progress.ahead === 0) return ["Next in line", 0];
      return [`Waiting: ${count(progress.ahead, "job")} before this one`, 0];
    }
    case "reading":
      return [job.task === "publish" || job.task === "withdraw" ? "Reading the issue" : "Reading the story", 0.06];
    case "writing":
      if (job.task === "scenario") return ["Writing the scenario", 0.4];
      return [
        `Writing scenario ${progress.scenario} of at most ${progress.of}`,
        0.1 + 0.8 * ((progress.scenario - 1) / Math.max(1, progress.of))
      ];
    case "checking":
      return ["Checking the criteria", 0.93];
    case "publishing":
      return [`Adding the criteria to ${PLACES[job.target] ?? "Jira"}`, 0.97];
    default:
      return ["Finishing", 1];
  }
}
function progressView(first, { mayStop, stop }) {
  const label = el("span", { id: "stage", "data-focus": true, tabindex: "-1" });
  const meter = el("progress", { max: "1", "aria-labelledby": "stage" });
  const cards = el("ul", { class: "cards" });
  const ghost = el("div", { class: "ghost", "aria-hidden": "true", hidden: true });
  const trouble = el("div", { hidden: true });
  let shown = 0;
  function update(job) {
    const [text, value] = stageOf(job);
    label.textContent = text;
    meter.value = value;
    announce(text);
    const { progress } = job;
    ghost.hidden = progress.stage !== "writing";
    if (progress.stage === "writing") {
      const { scenarios } = progress;
      if (scenarios.length < shown) {
        cards.replaceChildren();
        shown = 0;
      }
      for (const scenario of scenarios.slice(shown)) cards.append(scenarioCard(scenario, { arriving: true }));
      shown = scenarios.length;
    }
  }
  function showTrouble(text) {
    trouble.hidden = text === null;
    if (text !== null) trouble.replaceChildren(message("warning", text));
  }
  update(first);
  const bar = el(
    "div",
    { class: "bar" },
    el("div", { class: "stage" }, el("span", { class: "spinner", "aria-hidden": "true" }), label),
    mayStop && button("Stop", stop)
  );
  return { elements: [el("div", { class: "stages" }, bar, meter), trouble, cards, ghost], update, trouble: showTrouble };
}
const PAUSES_MS = [500, 1e3, 2e3, 4e3, 8e3];
const FINAL = /* @__PURE__ */ new Set(["drafted", "written", "withdrawn", "failed", "cancelled", "skipped"]);
const isFinal = (job) => FINAL.has(job.state);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const isForGood = (error) => error.status >= 400 && error.status < 500 && error.status !== 429;
async function follow(host, id, { onJob, onTrouble, signal, pause = sleep }) {
  let job = null;
  let failures = 0;
  while (!signal.aborted) {
    let rest = 0;
    failures += 1;
    try {
      rest = await host.watch(
        id,
        (seen) => {
          job = seen;
          failures = 0;
          onTrouble(null);
          onJob(seen);
        },
        signal
      );
      if (job && isFinal(job)) return job;
    } catch (error) {
      if (signal.aborted) return null;
      if (isForGood(error)) throw error;
      onTrouble("The connection was lost. Trying again …");
      rest = 0;
    }
    await pause(Math.max(rest, PAUSES_MS[Math.min(Math.max(failures, 1), PAUSES_MS.length) - 1]));
  }
  return null;
}
const COLUMNS = ["State", "Issue", "What", "Who", "Model", "When", "Took", "Attempts", "Notes", ""];
function jobsTable(jobs, act) {
  return el(
    "div",
    { class: "scroll" },
    el(
      "table",
      { class: "jobs" },
      el("caption", { class: "unseen" }, "Jobs, newest first"),
      el("thead", {}, el("tr", {}, COLUMNS.map((name) => el("th", { scope: "col" }, name || el("span", { class: "unseen" }, "Actions"))))),
      el("tbody", {}, jobs.map((job) => row(job, act)))
    )
  );
}
function row(job, act) {
  const [label, colour] = STATES[job.state] ?? [job.state, ""];
  const took = job.startedAt ? duration((job.finishedAt ?? Date.now()) - job.startedAt) : "";
  const cells = [
    el("span", { class: `lozenge ${colour}` }, label),
    job.issueKey,
    what(job),
    who(job),
    job.model ? el("span", { title: `prompt ${job.prompt}, seed ${job.seed}` }, job.model + (job.adapter ? ` + ${job.adapter}` : "")) : "",
    timeElement(job.createdAt),
    took,
    `${job.attempts} of ${job.maxAttempts}`,
    notes(job),
    actions(job, act)
  ];
  return el(
    "tr",
    { "data-job": job.id },
    cells.map((cell, at) => {
      const kind = at === 8 ? `why${job.state === "failed" ? "" : " waits"}` : at === 3 ? "" : "narrow";
      return el("td", { "data-label": COLUMNS[at], class: cell === "" || cell === null ? `${kind} void` : kind }, cell);
    })
  );
}
function what(job) {
  if (job.task === "withdraw") return "Undo";
  if (job.task === "scenario") return "One scenario";
  return job.task === "publish" ? `Write to ${PLACES[job.target] ?? "Jira"}` : "Generate";
}
function who(job) {
  const name = job.requestedByName ?? job.requestedBy ?? "";
  if (job.class === "automatic") return name ? `Automatic (${name})` : "Automatic";
  if (job.class === "bulk") return name ? `Bulk run (${name})` : "Bulk run";
  return name || "Unknown";
}
function notes(job) {
  if (isFinal(job)) return [job.error, ...(job.notes ?? []).map((note) => note.text)].filter(Boolean).join(" ");
  return stageOf(job)[0];
}
function actions(job, act) {
  const can = (action, label) => button(label, () => act(job, action), {
    "data-job": job.id,
    "data-action": action,
    "aria-label": `${label} ${job.issueKey}`
  });
  if (!isFinal(job)) return can("cancel", "Cancel");
  if (["failed", "cancelled", "skipped"].includes(job.state)) return can("retry", "Retry");
  return "";
}
function nothingHere(filter) {
  if (filter.state || filter.issue) {
    return el("div", { class: "nothing" }, el("h2", {}, "No job fits this filter"), el("p", { class: "quiet" }, "Choose “All” and clear the issue key to see every job."));
  }
  return el(
    "div",
    { class: "nothing" },
    el("h2", {}, "No jobs yet"),
    el("p", {}, "Open a story, choose “Acceptance criteria” in the issue, and press “Generate acceptance criteria”. The job shows up here at once."),
    el("p", { class: "quiet" }, "To have criteria written for new issues by themselves, open a project’s settings, choose “Brine settings”, and switch it on.")
  );
}
const ASK = "Erase what was kept";
const SURE = "Erase for good?";
const KEEP_HELP = [
  ["What:", "of every draft that is written from now on and accepted, the story as the model read it, the criteria as the model wrote them and as they were accepted, with the issue’s number and its project. A draft that waits is kept until somebody decides."],
  ["Where:", "in the database of this Brine and its backups, nowhere else; the texts are encrypted."],
  ["What for:", "the person who runs Brine can export them and tune the model with them. Addresses, people who are mentioned, and keys are replaced in what is exported."],
  ["How it ends:", "switched off, nothing new is kept. What was kept stays until you erase it here or uninstall the app."]
];
function siteSettings({ api, host }) {
  const keep = el("input", { type: "checkbox", id: "keep-examples", "aria-describedby": "keep-help" });
  const perDay = el("input", { type: "number", id: "stories-per-day", min: "0" });
  const erase = el("button", { type: "button", id: "erase", disabled: true }, ASK);
  const kept = el("span", { id: "kept", class: "quiet", role: "status" });
  const trouble = el("div", { id: "site-trouble" });
  const { bar, save, saved } = saveBar();
  const form2 = el("form", { id: "settings", novalidate: true });
  const loading = el("p", { class: "quiet" }, "Loading …");
  function lay(offered, { mostStoriesPerDay }) {
    const most = mostStoriesPerDay > 0 ? ` The person who runs Brine allows ${mostStoriesPerDay} at most.` : "";
    form2.append(
      fieldset(
        "What writes",
        adapterField(offered, {
          unset: `Brine’s default (${offered.usual})`,
          help: "For every project that has not chosen another one in its own Brine settings."
        })
      ),
      fieldset(
        "How much is written",
        field(
          "Stories a day",
          perDay,
          `0: no limit. A day begins at midnight UTC. When its stories are used up, people are told when it goes on, and automatic and bulk stories wait. Bulk runs leave a fifth for people.${most}`
        )
      ),
      fieldset(
        "Learning from this team",
        el(
          "label",
          { class: "choice" },
          keep,
          el(
            "span",
            {},
            el("strong", {}, "Keep accepted criteria for tuning"),
            el("span", { id: "keep-help" }, KEEP_HELP.map(([name, text]) => el("span", { class: "quiet" }, el("em", {}, name), ` ${text}`)))
          )
        ),
        el("div", { class: "actions" }, erase, kept)
      ),
      trouble,
      bar
    );
  }
  function fill(settings2) {
    choose(byId("adapter"), settings2.adapter);
    perDay.value = String(settings2.storiesPerDay);
    keep.checked = settings2.keepExamples;
    showKept(settings2.kept);
  }
  function showKept(number) {
    kept.textContent = number > 0 ? `${count(number, "accepted draft is", "accepted drafts are")} kept.` : "Nothing is kept.";
    erase.disabled = number === 0 && !keep.checked;
    erase.textContent = ASK;
  }
  async function work(action) {
    save.disabled = true;
    erase.disabled = true;
    trouble.replaceChildren();
    saved.textContent = "";
    try {
      await action();
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
      erase.disabled = false;
    } finally {
      save.disabled = false;
    }
  }
  form2.addEventListener("submit", (event) => {
    event.preventDefault();
    return work(async () => {
      fill(await api.saveSiteSettings({ adapter: byId("adapter").value || null, keepExamples: keep.checked, storiesPerDay: Number(perDay.value) }));
      saved.textContent = "Saved.";
      host.flag("Settings saved", "Brine settings of this site");
    });
  });
  form2.addEventListener("input", () => {
    saved.textContent = "";
  });
  erase.addEventListener("click", () => {
    if (erase.textContent !== SURE) {
      erase.textContent = SURE;
      return void 0;
    }
    return work(async () => showKept((await api.eraseExamples()).kept));
  });
  erase.addEventListener("blur", () => {
    erase.textContent = ASK;
  });
  async function load() {
    try {
      const [offered, settings2] = await Promise.all([api.adapters(), api.siteSettings()]);
      lay(offered, settings2);
      loading.replaceWith(form2);
      fill(settings2);
    } catch (error) {
      loading.replaceWith(message("error", words(error)));
    }
  }
  load();
  return el("section", { "aria-labelledby": "site-heading" }, el("h2", { id: "site-heading", class: "large" }, "Settings of this site"), loading);
}
const PAGE = 50;
const MOST = 200;
function admin(page) {
  byId("view").replaceChildren(
    el("h1", {}, "Brine jobs"),
    el("p", { class: "quiet" }, "Every request for acceptance criteria on this site, newest first. The list follows by itself."),
    ...jobsList(page),
    bulkRuns(page),
    siteSettings(page)
  );
  byId("view").removeAttribute("aria-busy");
}
function jobsList({ api, host }) {
  const bar = el("div", { id: "filters" });
  const trouble = el("div", { id: "trouble" });
  const place = el("div", { id: "jobs", "aria-busy": "true" }, el("p", { class: "quiet" }, "Loading …"));
  const filter = { state: "", issue: "" };
  let limit = PAGE;
  let shown = "";
  let asked = 0;
  function filters(counts) {
    const all = Object.values(counts).reduce((sum, count2) => sum + count2, 0);
    const choice2 = (state, label, number) => el(
      "button",
      { type: "button", "data-state": state, "aria-pressed": String(filter.state === state), onclick: () => choose2({ state }) },
      label,
      " ",
      el("span", { class: "count" }, number)
    );
    return el(
      "div",
      { class: "states", role: "group", "aria-label": "Show jobs in state" },
      choice2("", "All", all),
      Object.entries(STATES).map(([state, [label]]) => choice2(state, label, counts[state] ?? 0))
    );
  }
  function search() {
    const field2 = el("input", { type: "text", id: "issue", placeholder: "SHOP-12", autocomplete: "off" });
    return el(
      "form",
      {
        class: "find",
        role: "search",
        onsubmit: (event) => {
          event.preventDefault();
          choose2({ issue: field2.value.trim() });
        }
      },
      el("label", { for: "issue", class: "unseen" }, "Issue key"),
      field2,
      el("button", { type: "submit" }, "Find issue")
    );
  }
  function choose2(change) {
    Object.assign(filter, change);
    limit = PAGE;
    shown = "";
    load();
  }
  function keepFocus(container, redraw) {
    const { activeElement } = document;
    const key = container.contains(activeElement) ? activeElement.dataset.job + activeElement.dataset.action : null;
    const state = container.contains(activeElement) ? activeElement.dataset.state : null;
    redraw();
    const again = [...container.querySelectorAll("button")].find(
      (one) => key && one.dataset.job + one.dataset.action === key || state !== null && state !== void 0 && one.dataset.state === state
    );
    again?.focus({ preventScroll: true });
  }
  async function load() {
    const number = asked += 1;
    try {
      const answer = await api.jobs({ ...filter, limit });
      if (number !== asked) return;
      trouble.replaceChildren();
      draw(answer);
    } catch (error) {
      if (number !== asked) return;
      trouble.replaceChildren(message("error", words(error)));
      place.removeAttribute("aria-busy");
    }
  }
  function draw(answer) {
    const now = JSON.stringify([answer, filter, Math.floor(Date.now() / 3e4)]);
    if (now === shown) return;
    shown = now;
    if (!bar.querySelector("form")) bar.append(el("div"), search());
    keepFocus(bar, () => bar.firstElementChild.replaceWith(filters(answer.counts)));
    const { jobs } = answer;
    keepFocus(place, () => {
      const more = answer.next !== null && limit < MOST;
      place.replaceChildren(
        ...filter.state === "failed" && jobs.length > 0 ? [retryAll()] : [],
        jobs.length > 0 ? jobsTable(jobs, act) : nothingHere(filter),
        ...more ? [el("div", { class: "more" }, button("Show more", () => {
          limit = MOST;
          return load();
        }))] : [],
        ...answer.next !== null && !more ? [el("p", { class: "quiet more" }, `The newest ${MOST} are shown. Filter to find older ones.`)] : []
      );
    });
    place.removeAttribute("aria-busy");
  }
  function retryAll() {
    const label = filter.issue ? `Retry all failed of ${filter.issue.toUpperCase()}` : "Retry all failed";
    return el("div", { class: "retry-all" }, button(label, retryFailed, { "data-job": "all", "data-action": "retry" }));
  }
  async function retryFailed() {
    try {
      const { retried } = await api.retryFailed(filter.issue);
      const told = retried > 0 ? `${count(retried, "job is", "jobs are")} tried again.` : "None is tried again: newer jobs have taken their place.";
      await load();
      trouble.replaceChildren(message("success", told));
      announce(told);
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
    }
  }
  async function act(job, action) {
    try {
      await api[action](job.id);
      announce(action === "retry" ? `${job.issueKey} is tried again.` : `${job.issueKey} is stopped.`);
      await load();
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
    }
  }
  load();
  setInterval(() => {
    if (document.visibilityState === "visible") load();
  }, host.listEveryMs);
  return [bar, trouble, place];
}
class ApiError extends Error {
  constructor(status, message2, line) {
    super(message2);
    this.status = status;
    this.line = line;
  }
}
function refusal({ status, body }) {
  const error = body?.error ?? {};
  return new ApiError(status, error.message ?? "Brine did not answer as expected. Try again.", error.line);
}
function unreachable() {
  return new ApiError(0, "Brine cannot be reached. Check your connection and try again.");
}
const part = encodeURIComponent;
function apiOver(host) {
  async function call2(method, path, body) {
    let answer = await host.send(method, path, body);
    if (answer.status === 401) answer = await host.send(method, path, body);
    if (answer.status < 200 || answer.status > 299 || answer.body === void 0) throw refusal(answer);
    return answer.body;
  }
  return {
    issue: (id) => call2("GET", `/api/issues/${part(id)}`),
    section: (id, target) => call2("GET", `/api/issues/${part(id)}/section${target ? `?target=${part(target)}` : ""}`),
    generate: (id) => call2("POST", `/api/issues/${part(id)}/jobs`, {}),
    undo: (id, replaceEdited) => call2("POST", `/api/issues/${part(id)}/undo`, { replaceEdited }),
    saveDraft: (id, text, version) => call2("PUT", `/api/drafts/${part(id)}`, { text, version }),
    scenario: (id, wanted) => call2("POST", `/api/drafts/${part(id)}/scenarios`, wanted),
    accept: (id, decision) => call2("POST", `/api/drafts/${part(id)}/accept`, decision),
    cancel: (id) => call2("POST", `/api/jobs/${part(id)}/cancel`, {}),
    retry: (id) => call2("POST", `/api/jobs/${part(id)}/retry`, {}),
    jobs: (filter) => call2("GET", `/api/jobs?${new URLSearchParams(filter)}`),
    adapters: () => call2("GET", "/api/adapters"),
    projectSettings: (key) => call2("GET", `/api/projects/${part(key)}/settings`),
    projectFields: (key) => call2("GET", `/api/projects/${part(key)}/fields`),
    saveProjectSettings: (key, settings2) => call2("PUT", `/api/projects/${part(key)}/settings`, settings2),
    siteSettings: () => call2("GET", "/api/site/settings"),
    saveSiteSettings: (settings2) => call2("PUT", "/api/site/settings", settings2),
    retryFailed: (issue) => call2("POST", "/api/site/jobs/retry", { issue }),
    bulk: () => call2("GET", "/api/site/bulk"),
    countBulk: (asked) => call2("POST", "/api/site/bulk/count", asked),
    startBulk: (asked) => call2("POST", "/api/site/bulk", asked),
    pauseBulk: (id) => call2("POST", `/api/site/bulk/${part(id)}/pause`, {}),
    resumeBulk: (id) => call2("POST", `/api/site/bulk/${part(id)}/resume`, {}),
    cancelBulk: (id) => call2("POST", `/api/site/bulk/${part(id)}/cancel`, {}),
    eraseExamples: () => call2("DELETE", "/api/site/examples", {})
  };
}
function changedLines(before, after) {
  const left = before.map((line) => line.trim());
  const right = after.map((line) => line.trim());
  const length = Array.from({ length: left.length + 1 }, () => new Uint16Array(right.length + 1));
  for (let i2 = left.length - 1; i2 >= 0; i2 -= 1) {
    for (let j2 = right.length - 1; j2 >= 0; j2 -= 1) {
      length[i2][j2] = left[i2] === right[j2] ? length[i2 + 1][j2 + 1] + 1 : Math.max(length[i2 + 1][j2], length[i2][j2 + 1]);
    }
  }
  const gone = /* @__PURE__ */ new Set();
  const come = /* @__PURE__ */ new Set();
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      i += 1;
      j += 1;
    } else if (j >= right.length || i < left.length && length[i + 1][j] >= length[i][j + 1]) {
      gone.add(i);
      i += 1;
    } else {
      come.add(j);
      j += 1;
    }
  }
  return { gone, come };
}
function textOf(lines, changed, kind, sign, word) {
  return el(
    "div",
    { class: "text", tabindex: "0", role: "region", "aria-label": word },
    lines.map((line, at) => {
      const isChanged = changed.has(at) && line.trim() !== "";
      return el("span", { class: isChanged ? kind : "" }, `${isChanged ? sign : " "} ${line}`);
    })
  );
}
function comparison({ place, inIssue, draft, replace, keep }) {
  const before = inIssue.replace(/\s+$/, "").split("\n");
  const after = draft.replace(/\s+$/, "").split("\n");
  const { gone, come } = changedLines(before, after);
  return [
    el("div", { class: "bar" }, el("h2", { "data-focus": true, tabindex: "-1" }, `Someone edited the criteria in ${place}`)),
    message("warning", "Brine does not overwrite what a person wrote unless you say so. Lines with − would go, lines with + would come."),
    el("div", { class: "actions" }, button("Replace", replace, { class: "primary" }), button("Keep mine", keep)),
    el(
      "div",
      { class: "compare" },
      el("section", {}, el("h3", {}, `In ${place} now`), textOf(before, gone, "gone", "−", `In ${place} now`)),
      el("section", {}, el("h3", {}, "The draft"), textOf(after, come, "come", "+", "The draft"))
    )
  ];
}
const LONGEST_WISH = 300;
function form(label, write, close) {
  const field2 = el("input", {
    type: "text",
    class: "wish",
    maxlength: String(LONGEST_WISH),
    "aria-label": label,
    placeholder: label
  });
  const send = button("Write", () => write(field2.value.trim() || void 0), { class: "primary" });
  field2.addEventListener("keydown", (event) => {
    if (event.key === "Enter") send.click();
    if (event.key === "Escape") close();
  });
  return { field: field2, element: el("div", { class: "wishing" }, field2, send, button("Cancel", close, { class: "link" })) };
}
function opener(text, name, label, write) {
  const place = el("div", { class: "one" });
  const open = button(text, () => {
    const { field: field2, element } = form(label, write, close);
    place.replaceChildren(element);
    field2.focus();
  }, { class: "link", "aria-label": name });
  function close() {
    place.replaceChildren(open);
    open.focus();
  }
  place.append(open);
  return place;
}
function anew(scenario, write) {
  return opener("Write anew", `Write anew: ${scenario.title}`, "What should be different? (may stay empty)", write);
}
function notCovered(draft, scenario) {
  const open = draft.findings.filter((finding) => finding.rule === "not_covered");
  const another = scenario && opener("Add a scenario", "Add a scenario", "What should it test?", (wish) => wish && scenario({ wish }));
  if (open.length === 0) return another;
  return el(
    "section",
    { class: "not-covered", "aria-labelledby": "not-covered-title" },
    el("h3", { id: "not-covered-title" }, "Not covered"),
    el("p", { class: "quiet small" }, "No scenario rests on these sentences of the story. Background needs none."),
    el(
      "ul",
      {},
      open.map((finding) => {
        const text = finding.message.replace(/^Not covered: /, "");
        const ask = () => scenario({ sentence: finding.sentence });
        return el(
          "li",
          {},
          el("span", {}, text, " "),
          scenario && button("Write a scenario", ask, { class: "link", "aria-label": `Write a scenario for: ${text}` })
        );
      })
    ),
    another
  );
}
function featureOf(summary, { dialect, notes: notes2, text }) {
  const name = summary.split(/\s+/).join(" ").trim();
  const lines = text.split("\n");
  const language = lines[0].startsWith("# language:") ? [lines.shift()] : [];
  const head = [...language, ...notes2.map((note) => `# Note: ${note.text}`), `${dialect.feature}: ${name}`, ""];
  const body = lines.join("\n").trim().split("\n").map((line) => line === "" ? "" : `  ${line}`);
  return `${[...head, ...body].join("\n").trimEnd()}
`;
}
const SHOWN_MS = 1600;
function copyButton(draft) {
  return button("Copy", async (element) => {
    const worked = await copy(draft.text);
    const words2 = worked ? "Copied" : "Press Ctrl+C";
    announce(worked ? "Copied to the clipboard." : "Copying was refused. Use Edit and copy the text from there.");
    element.textContent = words2;
    setTimeout(() => {
      element.textContent = "Copy";
    }, SHOWN_MS);
  });
}
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field2 = el("textarea", { class: "unseen", "aria-hidden": "true", value: text });
    document.body.append(field2);
    field2.select();
    const worked = document.execCommand("copy");
    field2.remove();
    return worked;
  }
}
function downloadButton(issue, draft) {
  return button("Download .feature", () => {
    const text = featureOf(issue.summary || issue.key, draft);
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const link = el("a", { href: address, download: `${issue.key}.feature` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), SHOWN_MS);
  });
}
function draftView({ issue, draft, target, may, notice, accept, regenerate, edit, scenario }) {
  const ask = el("div", { hidden: true });
  const again = () => {
    if (!draft.editedBy) return regenerate();
    ask.replaceChildren(
      message(
        "warning",
        "This draft was edited by hand. A new draft takes its place.",
        button("Write a new draft", regenerate),
        button("Keep this one", () => {
          ask.hidden = true;
        }, { class: "link" })
      )
    );
    ask.hidden = false;
    ask.querySelector("button").focus();
    return void 0;
  };
  const label = ACCEPT[target];
  const onSet = draft.findings.filter((finding) => finding.rule !== "not_covered");
  return [
    el(
      "div",
      { class: "bar" },
      el(
        "div",
        { class: "headline" },
        el("h2", { "data-focus": true, tabindex: "-1" }, "Draft"),
        el("span", { class: "lozenge violet" }, "Not in Jira yet"),
        el("span", { class: "quiet small" }, summaryLine(draft))
      )
    ),
    el(
      "div",
      { class: "actions", role: "group", "aria-label": "What to do with the draft" },
      label && may.accept && button(label, accept, { class: "primary" }),
      may.generate && button("Edit", edit),
      may.generate && button("Regenerate", again),
      copyButton(draft),
      downloadButton(issue, draft)
    ),
    ask,
    notice && message("warning", notice),
    !may.generate && message(null, "You can read this draft. To change or accept it you need permission to edit the issue."),
    target === "draft" && message(null, "This project keeps criteria as drafts: nothing is written to Jira. Copy or download them."),
    notesOn(draft),
    onSet.length > 0 && el("ul", { class: "hints", "aria-label": "Hints on the whole set" }, onSet.map((f) => el("li", {}, f.message))),
    el(
      "ul",
      { class: "cards", lang: draft.dialect.language },
      draft.scenarios.map(
        (one, place) => scenarioCard(one, { footer: may.generate && anew(one, (wish) => scenario({ place, wish })) })
      )
    ),
    notCovered(draft, may.generate && scenario),
    questionsBox(draft.questions),
    el(
      "p",
      { class: "quiet small" },
      draft.editedBy ? "Edited by a person " : "Written ",
      timeElement(draft.editedBy ? draft.updatedAt : draft.createdAt),
      ` · ${madeBy(draft.provenance)}`
    )
  ].flat().filter(Boolean);
}
const MOST_LINES = 32;
function editorView(draft, { save, saved, cancel }) {
  const { language, name, given, when, then } = draft.dialect;
  const numbers = el("div", { class: "numbers", "aria-hidden": "true" });
  const field2 = el("textarea", {
    id: "draft-text",
    "aria-label": "Draft, as Gherkin",
    "aria-describedby": "draft-help draft-error",
    lang: draft.dialect.language,
    spellcheck: "true",
    autocapitalize: "off",
    wrap: "off",
    value: draft.text
  });
  const frame = el("div", { class: "editor" }, numbers, field2);
  const problem = el("div", { id: "draft-error" });
  let wrongLine = null;
  function layOut() {
    const lines = field2.value.split("\n").length;
    numbers.replaceChildren(
      ...Array.from({ length: lines }, (_, at) => el("span", { class: at + 1 === wrongLine ? "wrong" : "" }, at + 1))
    );
    field2.rows = Math.min(Math.max(lines + 1, 8), MOST_LINES);
    numbers.style.height = `${field2.offsetHeight}px`;
    numbers.scrollTop = field2.scrollTop;
  }
  function markLine(line) {
    wrongLine = line;
    frame.classList.toggle("invalid", line !== null);
    field2.setAttribute("aria-invalid", String(line !== null));
    layOut();
    if (line === null) return;
    const lines = field2.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    field2.focus();
    field2.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    field2.scrollTop = (line - 4) * 18;
    numbers.scrollTop = field2.scrollTop;
  }
  async function submit() {
    problem.replaceChildren();
    markLine(null);
    try {
      const { draft: changed } = await save(field2.value);
      saved(changed);
    } catch (error) {
      const where = error.line ? `Line ${error.line}: ` : "";
      problem.replaceChildren(
        message("error", where + words(error), ...error.status === 409 ? [button("Discard my text and reload", cancel)] : [])
      );
      if (error.line) markLine(error.line);
    }
  }
  const saveButton = button("Save", submit, { class: "primary" });
  function leave() {
    if (field2.value === draft.text) return cancel();
    problem.replaceChildren(
      message("warning", "Your changes are not saved.", button("Discard them", cancel), button("Go on editing", () => {
        problem.replaceChildren();
        field2.focus();
      }, { class: "link" }))
    );
    problem.querySelector("button").focus();
    return void 0;
  }
  field2.addEventListener("input", () => {
    if (wrongLine !== null) markLine(null);
    else layOut();
  });
  field2.addEventListener("scroll", () => {
    numbers.scrollTop = field2.scrollTop;
  });
  field2.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.key === "s")) {
      event.preventDefault();
      saveButton.click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      leave();
    }
  });
  requestAnimationFrame(layOut);
  announce("Editing the draft.");
  return [
    el("div", { class: "bar" }, el("h2", {}, "Edit the draft")),
    frame,
    problem,
    el(
      "p",
      { id: "draft-help", class: "quiet small" },
      `Each scenario: one tag, a title, ${given}, one ${when}, ${then}. Questions begin with “# Question:”. `,
      language !== "en" && `This draft is in ${name}: tags and “# Question:” stay English. `,
      "Ctrl+Enter saves, Escape leaves."
    ),
    el("div", { class: "actions" }, saveButton, button("Cancel", leave))
  ];
}
const GENERATE = "Generate acceptance criteria";
function emptyView({ mayGenerate, notice, stopped, generate }) {
  return [
    notice && message("error", notice),
    el(
      "div",
      { class: "empty" },
      el(
        "p",
        { "data-focus": true, tabindex: "-1" },
        stopped ? "Stopped. Nothing was written. You can start again at any time." : "Brine reads the summary and description of this story and writes Gherkin scenarios for you to review."
      ),
      mayGenerate ? button(GENERATE, generate, { class: "primary" }) : el("p", { class: "quiet" }, "To generate criteria you need permission to edit this issue.")
    )
  ];
}
function failedView({ reason, draft, issue, retry, isWriting = false, canRetry }) {
  return [
    el("h2", { "data-focus": true, tabindex: "-1" }, isWriting ? "The criteria are not in Jira yet" : "No criteria were written"),
    message("error", reason, ...canRetry ? [button("Try again", retry, { class: "primary" })] : []),
    draft && el("div", { class: "actions" }, copyButton(draft), downloadButton(issue, draft)),
    draft && notesOn(draft),
    draft && cardsOf(draft)
  ].flat().filter(Boolean);
}
function writtenView({ issue, draft, written, target, may, problem, again, undo }) {
  const wroteIt = written;
  const place = PLACES[wroteIt?.target ?? target];
  const isPlaced = place && (wroteIt?.target ?? target) !== "draft";
  return [
    problem && message("error", problem),
    el(
      "div",
      { class: "headline" },
      el("h2", { "data-focus": true, tabindex: "-1" }, isPlaced ? `The criteria are in ${place}` : "The criteria are in Jira"),
      el("span", { class: "lozenge good" }, "Written")
    ),
    el(
      "p",
      { class: "quiet small" },
      timeElement(wroteIt?.finishedAt ?? draft.updatedAt),
      wroteIt?.requestedByName ? ` by ${wroteIt.requestedByName}` : "",
      ` · ${madeBy(draft.provenance)}`
    ),
    el(
      "div",
      { class: "actions" },
      may.generate && button("Generate again", again),
      may.undo && button("Undo", undo),
      copyButton(draft),
      downloadButton(issue, draft)
    ),
    notesOn(draft),
    cardsOf(draft)
  ].flat().filter(Boolean);
}
function undoView({ place, text, undo, keep }) {
  return [
    el("h2", { "data-focus": true, tabindex: "-1" }, `Someone edited the criteria in ${place}`),
    message("warning", "Undo takes away what was written there since, too. This is what stands there now:"),
    el("div", { class: "actions" }, button("Undo all the same", undo, { class: "primary" }), button("Leave it", keep)),
    el("div", { class: "compare" }, el("section", {}, el("div", { class: "text", tabindex: "0", role: "region", "aria-label": `In ${place} now` }, text)))
  ];
}
function cardsOf(draft) {
  return el(
    "details",
    {},
    el("summary", {}, `Show the ${count(draft.scenarios.length, "scenario")}`),
    el("ul", { class: "cards", lang: draft.dialect.language }, draft.scenarios.map((scenario) => scenarioCard(scenario))),
    questionsBox(draft.questions)
  );
}
function troubleView(text, retry) {
  return message("error", text, ...retry ? [button("Try again", retry)] : []);
}
function panel({ api, host, place }) {
  const { issueId, issueKey } = place;
  const view = byId("view");
  let watching = null;
  let mayRefresh = true;
  let mayStart = Boolean(place.start);
  function render(...elements) {
    const wasInside = document.hasFocus() && (view.contains(document.activeElement) || document.activeElement === document.body);
    const hadContent = view.getAttribute("aria-busy") !== "true";
    view.replaceChildren(...elements.filter(Boolean));
    view.removeAttribute("aria-busy");
    if (wasInside && hadContent) (view.querySelector("[data-focus]") ?? view).focus({ preventScroll: true });
  }
  async function refresh(notice) {
    try {
      const seen = await api.issue(issueId);
      const isIdle = !seen.draft && (!seen.job || isFinal(seen.job));
      const start = mayStart && isIdle && seen.may.generate;
      mayStart = false;
      if (start) await generate();
      else show2(seen, notice);
    } catch (error) {
      mayRefresh = true;
      render(troubleView(words(error), error.status !== 403 && error.status !== 404 ? () => refresh() : null));
    }
  }
  function show2(seen, notice) {
    const { draft, job } = seen;
    mayRefresh = true;
    if (job && !isFinal(job)) return watch(seen, job);
    const failed = job?.state === "failed" || job?.state === "skipped";
    const problem = failed ? job.error ?? "The job did not succeed." : null;
    if (draft?.state === "open") return showDraft(seen, notice ?? problem);
    if (draft?.state === "accepted") {
      if (job?.task === "publish" && job.state !== "written") {
        const reason = problem ?? "Adding the criteria to Jira was stopped.";
        return render(...failedView({ reason, draft, issue: seen.issue, retry: () => retry(job), isWriting: true, canRetry: true }));
      }
      return render(...writtenView({ ...seen, problem: notice ?? problem, again: () => generate(), undo: () => undo(seen) }));
    }
    if (failed && job.task === "draft") {
      return render(...failedView({ reason: problem, retry: () => generate(), canRetry: seen.may.generate }));
    }
    return render(...emptyView({ mayGenerate: seen.may.generate, notice, stopped: job?.state === "cancelled", generate }));
  }
  function showDraft(seen, notice) {
    render(
      ...draftView({
        ...seen,
        notice,
        accept: () => accept(seen),
        regenerate: generate,
        edit: () => edit(seen),
        scenario: (wanted) => scenario(seen, wanted)
      })
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
  async function watch(seen, job) {
    watching?.abort();
    watching = new AbortController();
    const { signal } = watching;
    mayRefresh = false;
    const progress = progressView(job, {
      mayStop: seen ? seen.may.generate : true,
      stop: async () => {
        await api.cancel(job.id).catch((error) => progress.trouble(words(error)));
      }
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
    if (job.state === "written") {
      const place2 = PLACES[job.target] ?? "Jira";
      announce(`Done. The criteria are in ${place2}.`);
      host.flag("Acceptance criteria added", `${issueKey}: they are in ${place2}.`);
    } else if (job.state === "withdrawn") {
      announce("Undone. The draft is here again.");
      host.flag("Undone", `${issueKey}: the criteria are a draft again.`);
    } else if (job.state === "drafted") {
      announce("The draft is ready.");
    } else if (job.state === "failed") {
      announce("That did not work.");
    }
    if (job.task === "publish" && job.state !== "written") {
      const seen = await api.issue(issueId);
      if (seen.draft?.state === "open" && await compareIfEdited({ ...seen, target: job.target })) return;
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
  async function compareIfEdited(seen) {
    const section = await api.section(issueId, seen.target);
    if (!section.edited) return false;
    mayRefresh = false;
    announce("The criteria in Jira were edited. Compare them with the draft.");
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
        }
      })
    );
    return true;
  }
  async function undo(seen) {
    try {
      const section = await api.section(issueId);
      if (!section.edited) return watch(null, (await api.undo(issueId, false)).job);
      const place2 = PLACES[seen.written?.target ?? seen.target] ?? "Jira";
      mayRefresh = false;
      announce("The criteria in Jira were edited.");
      render(
        ...undoView({
          place: place2,
          text: section.text,
          keep: () => refresh(),
          undo: async () => {
            try {
              watch(null, (await api.undo(issueId, true)).job);
            } catch (error) {
              await refresh(words(error));
            }
          }
        })
      );
    } catch (error) {
      await refresh(words(error));
    }
    return void 0;
  }
  function edit(seen) {
    mayRefresh = false;
    render(
      ...editorView(seen.draft, {
        save: (text) => api.saveDraft(seen.draft.id, text, seen.draft.version),
        saved: (draft) => {
          announce("Saved.");
          showDraft({ ...seen, draft });
          mayRefresh = true;
        },
        cancel: () => refresh()
      })
    );
    view.querySelector("textarea").focus();
  }
  refresh();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && mayRefresh) refresh();
  });
}
const TARGETS = [
  ["description", "The description", "In a section of its own. The rest of the description stays as it is."],
  ["comment", "A comment", "The description is not touched."],
  ["field", "A custom field", "One that holds text. What people wrote into it is replaced only when they say so."],
  ["subtasks", "Sub-tasks", "One for each scenario. The story itself is not touched."],
  ["draft", "Only a draft", "Nothing is written to Jira. People copy or download the criteria from the panel."]
];
function show(...elements) {
  byId("view").replaceChildren(...elements);
  byId("view").removeAttribute("aria-busy");
}
function projectSettings(page) {
  show(
    el("h1", {}, `Brine settings of ${page.place.projectKey}`),
    el("p", { class: "quiet" }, "How Brine writes acceptance criteria in this project."),
    settings(page, (error) => message("error", words(error)))
  );
}
function project(page) {
  const steps = [
    "Open a story and choose “Generate acceptance criteria” in its menu, or the panel “Acceptance criteria”.",
    "Read the draft: each scenario shows the sentence of the story that it rests on. Edit what is not right.",
    "Accept it. Only then is anything written to Jira."
  ];
  show(
    el("h1", {}, `Acceptance criteria in ${page.place.projectKey}`),
    el("ol", { class: "guide" }, steps.map((step) => el("li", {}, step))),
    el("h2", { class: "large" }, "Settings of this project"),
    settings(
      page,
      (error) => error.status === 403 ? el("p", { class: "quiet" }, "Administrators of this project choose when criteria are written, and where to.") : message("error", words(error))
    )
  );
}
function settings({ api, host, place }, refused) {
  const { projectKey } = place;
  const automatic = el("input", { type: "checkbox", id: "automatic" });
  const onChange = el("input", { type: "checkbox", id: "on-change" });
  const issueTypes = el("input", { id: "issue-types", type: "text", autocomplete: "off" });
  const mostScenarios = el("select", { id: "max-scenarios" });
  const targets = TARGETS.map(([value]) => el("input", { type: "radio", name: "target", value }));
  const fields = el("select", { id: "field" });
  const fieldRow = el("div", { hidden: true }, field("Which field", fields, "Fields of text on the edit screen of the project’s newest issue."));
  let chosenField = null;
  let offersFields = false;
  const trouble = el("div", { id: "trouble" });
  const { bar, save, saved } = saveBar();
  const form2 = el("form", { id: "settings", novalidate: true });
  const loading = el("p", { class: "quiet" }, "Loading …");
  function lay(offered) {
    form2.append(
      fieldset(
        "When",
        choice(automatic, "Write criteria for new issues by themselves", "Off: people ask for them with the button in the issue."),
        choice(onChange, "Write them anew when a story changes", "Together with the choice above. Stories that read the same as before, and drafts that a person has begun to edit, are left alone."),
        field("For which issue types", issueTypes, "Names with commas between them, such as Story, Task. Empty: all types.")
      ),
      fieldset("Where to", TARGETS.map(([, title, help], at) => choice(targets[at], title, help)), fieldRow),
      fieldset("How much", field("At most how many scenarios", mostScenarios)),
      fieldset(
        "What writes",
        adapterField(offered, {
          unset: "What the site uses",
          help: "An adapter is what the model has learned beyond its general training. It counts for criteria that are written from now on."
        })
      ),
      trouble,
      bar
    );
  }
  function fill(values) {
    automatic.checked = values.automatic;
    onChange.checked = values.onChange;
    issueTypes.value = values.issueTypes.join(", ");
    const [fewest, most] = values.scenarios;
    const counts = Array.from({ length: most - fewest + 1 }, (_, at) => fewest + at);
    mostScenarios.replaceChildren(...counts.map((number) => el("option", {}, number)));
    mostScenarios.value = String(values.maxScenarios);
    choose(byId("adapter"), values.adapter);
    for (const radio of targets) radio.checked = radio.value === values.target;
    chosenField = values.field;
    offerFields();
  }
  const target = () => targets.find((radio) => radio.checked)?.value ?? "description";
  async function offerFields() {
    fieldRow.hidden = target() !== "field";
    if (fieldRow.hidden || offersFields) return;
    offersFields = true;
    try {
      const known = (await api.projectFields(projectKey)).fields;
      const options = known.map(({ id, name, short }) => el("option", { value: id }, short ? `${name} (titles alone)` : name));
      fields.replaceChildren(el("option", { value: "" }, "Choose a field"), ...options);
      choose(fields, chosenField);
    } catch (error) {
      offersFields = false;
      trouble.replaceChildren(message("error", words(error)));
    }
  }
  function read() {
    return {
      automatic: automatic.checked,
      onChange: onChange.checked,
      issueTypes: issueTypes.value.split(",").map((name) => name.trim()).filter((name) => name !== ""),
      target: target(),
      field: chosenField,
      maxScenarios: Number(mostScenarios.value),
      adapter: byId("adapter").value || null
    };
  }
  form2.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    trouble.replaceChildren();
    saved.textContent = "";
    try {
      fill(await api.saveProjectSettings(projectKey, read()));
      saved.textContent = "Saved.";
      host.flag("Settings saved", `Brine settings of ${projectKey}`);
    } catch (error) {
      trouble.replaceChildren(message("error", words(error)));
    } finally {
      save.disabled = false;
    }
  });
  form2.addEventListener("input", () => {
    saved.textContent = "";
  });
  form2.addEventListener("change", (event) => {
    if (event.target === fields) chosenField = fields.value || null;
    offerFields();
  });
  async function load() {
    try {
      const [offered, values] = await Promise.all([api.adapters(), api.projectSettings(projectKey)]);
      lay(offered);
      loading.replaceWith(form2);
      fill(values);
    } catch (error) {
      loading.replaceWith(refused(error));
    }
  }
  load();
  return loading;
}
const PAGES = { panel, admin, project, "project-settings": projectSettings };
function showPage(name, host, place) {
  host.followTheme();
  host.followSize(byId("view"));
  PAGES[name]({ api: apiOver(host), host, place });
}
function call(...request) {
  const bridge2 = globalThis.__bridge;
  if (!bridge2?.callBridge) throw new Error("This page works inside Jira only. Open it from an issue.");
  return bridge2.callBridge(...request);
}
const getContext = () => call("getContext");
const enableTheming = () => call("enableTheming");
const showFlag = (options) => call("showFlag", options);
async function invokeRemote(request) {
  const { success, payload, error } = await call("invoke", { ...request, invokeType: "ui-remote-fetch" }) ?? {};
  return { ...success ? payload : error };
}
const bridge = /* @__PURE__ */ Object.freeze(/* @__PURE__ */ Object.defineProperty({
  __proto__: null,
  enableTheming,
  getContext,
  invokeRemote,
  showFlag
}, Symbol.toStringTag, { value: "Module" }));
const FIRST_REST_MS = 1e3;
const LONGEST_REST_MS = 5e3;
const UNPROVEN = /invocation token/i;
function noAnswer(error) {
  if (!UNPROVEN.test(String(error?.message ?? ""))) return unreachable();
  return new ApiError(401, "Brine’s server does not take calls of this app. Ask the person who runs it whether the server knows the app’s id.");
}
function forgeHost(bridge2) {
  const looks = /* @__PURE__ */ new Map();
  async function send(method, path, body) {
    const request = { path, method, headers: { Accept: "application/json" } };
    if (body !== void 0) {
      request.headers["Content-Type"] = "application/json";
      request.body = body;
    }
    let answer;
    try {
      answer = await bridge2.invokeRemote(request);
    } catch (error) {
      throw noAnswer(error);
    }
    if (typeof answer?.status !== "number") throw noAnswer(answer);
    return { status: answer.status, body: answer.body };
  }
  function restAfter(id, job) {
    const text = JSON.stringify(job);
    const before = looks.get(id);
    const same = before?.text === text ? before.same + 1 : 0;
    looks.set(id, { text, same });
    return Math.min(FIRST_REST_MS * 1.25 ** same, LONGEST_REST_MS);
  }
  return {
    listEveryMs: 6e3,
    send,
    async watch(id, take) {
      const answer = await send("GET", `/api/jobs/${encodeURIComponent(id)}`);
      if (answer.status !== 200 || answer.body === void 0) throw refusal(answer);
      take(answer.body);
      return restAfter(id, answer.body);
    },
    followTheme() {
      Promise.resolve(bridge2.enableTheming()).catch(() => {
      });
    },
    // Forge itself keeps the frame as high as its content.
    followSize() {
    },
    flag(title, description) {
      Promise.resolve(bridge2.showFlag({ id: `brine-${Date.now()}`, title, description, type: "success", isAutoDismiss: true })).catch(() => {
      });
    }
  };
}
const MODULES = {
  "brine-panel": { name: "panel", layout: "panel" },
  "brine-context": { name: "panel", layout: "panel" },
  "brine-action": { name: "panel", layout: "panel", start: "yes" },
  "brine-project": { name: "project", layout: "wide" },
  "brine-project-settings": { name: "project-settings", layout: "wide" },
  "brine-admin": { name: "admin", layout: "wide" }
};
function pageOf({ moduleKey, extension = {} }) {
  const module = MODULES[moduleKey];
  if (!module) throw new Error(`Brine has no page for the module ${moduleKey}.`);
  const { issue, project: project2 } = extension;
  const place = { issueId: issue?.id, issueKey: issue?.key, projectKey: project2?.key, start: module.start };
  return { name: module.name, layout: module.layout, place };
}
try {
  const { name, layout, place } = pageOf(await getContext());
  document.body.className = layout;
  showPage(name, forgeHost(bridge), place);
} catch (error) {
  byId("view").replaceChildren(message("error", words(error)));
}
