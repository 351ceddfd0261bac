// What a page does beyond being read: uploads with a bar, and follows an import.
// All that comes from a file or from an answer becomes text, never markup.
"use strict";

const by = (id) => document.getElementById(id);

function show(id, text) {
  by(id).textContent = text;
  by(id).hidden = text === "";
}

// problemOf says in words why an answer is not what was asked for.
function problemOf(status, text) {
  if (status === 401) return "You are not signed in any more. Reload the page to sign in again.";
  try {
    const problem = JSON.parse(text);
    if (problem.detail || problem.title) return problem.detail || problem.title;
  } catch { /* whoever answered stands in front of Usher */ }
  return "This did not work (" + status + "). Try again in a moment.";
}

// listFormat tells how a list of users is written, by the name of its file; of any
// other file it is empty.
function listFormat(file) {
  const [, format = ""] = /\.(csv|xlsx)$/.exec(file.name.toLowerCase()) || [];
  return format;
}

function uploads() {
  const form = by("upload"), file = by("file"), drop = by("drop"), send = by("send");
  let under = null; // the upload under way

  function busy(is) {
    send.disabled = file.disabled = by("publish").disabled = by("check").disabled = is;
    by("sending").hidden = !is;
  }

  function failed(why) {
    under = null;
    busy(false);
    show("problem", why);
    send.focus();
  }

  // list says whether the chosen file is a list of users: that has nothing to show.
  function list() {
    return file.files.length > 0 && listFormat(file.files[0]) !== "";
  }

  function chosen() {
    show("problem", "");
    by("publish").parentElement.hidden = list();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (under) return;
    if (file.files.length === 0) {
      show("problem", "Please select a file.");
      file.focus();
      return;
    }
    if (list() && !file.accept.includes(".csv")) { // a list with passwords is better not sent for nothing
      show("problem", "Only administrators can upload a list of users. Choose an Open Event archive (.zip).");
      file.focus();
      return;
    }
    show("problem", "");
    const body = new FormData();
    body.append("file", file.files[0]);
    const users = listFormat(file.files[0]);
    const asked = new URLSearchParams();
    if (!users && by("publish").checked) asked.set("publish", "true");
    if (by("check").checked) asked.set("dry_run", "true");
    under = new XMLHttpRequest();
    under.open("POST", (users ? "/v1/users/import/" + users : "/v1/events/import/json") + "?" + asked);
    under.upload.addEventListener("progress", (p) => {
      if (!p.lengthComputable) return;
      by("sent").value = Math.floor(1000 * p.loaded / p.total);
      by("percent").textContent = Math.floor(100 * p.loaded / p.total) + " %";
    });
    under.addEventListener("load", () => {
      const answer = under;
      if (answer.status !== 202) {
        failed(problemOf(answer.status, answer.responseText));
        return;
      }
      location.assign("/imports/" + encodeURIComponent(JSON.parse(answer.responseText).id));
    });
    under.addEventListener("error", () => failed("The connection was lost before the whole file was there. Upload it again."));
    by("sent").value = 0;
    by("percent").textContent = "0 %";
    busy(true);
    under.send(body);
  });

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.remove("over");
    });
  }
  drop.addEventListener("drop", (event) => {
    if (under || event.dataTransfer.files.length === 0) return;
    file.files = event.dataTransfer.files;
    chosen();
  });
  file.addEventListener("change", chosen);
  // A page that the browser has kept, and shows again, is not uploading any more.
  addEventListener("pageshow", () => {
    under = null;
    busy(false);
    chosen();
  });
  busy(false);
}

function follows(main) {
  const task = "/v1/tasks/" + main.dataset.id;
  const stages = [...document.querySelectorAll("[data-stage]")];
  let version = Number(main.dataset.version);
  let attempt = Number(main.dataset.attempt);
  let source = null, timer = 0, pause = 0;

  function stateWord(state) {
    return main.getAttribute("data-state-" + state.toLowerCase()) || state;
  }

  // showStages is markOf of the server.
  function showStages(t, final) {
    const at = stages.findIndex((s) => s.dataset.stage === (t.waiting_for || t.stage));
    stages.forEach((s, n) => {
      let mark = "running";
      if (n === 0 || t.state === "SUCCESS" || n < at) mark = "done";
      else if (n !== at || t.state === "PENDING" || t.waiting_for) mark = "waiting";
      else if (final) mark = "failed";
      s.dataset.mark = mark;
      s.querySelector(".mark").textContent = final && mark === "waiting" ? "not begun" : mark;
    });
    return stages[at];
  }

  function showBars(progress) {
    for (const row of document.querySelectorAll("[data-type]")) {
      const p = progress[row.dataset.type] || { done: 0, total: 0 };
      row.hidden = p.done === 0 && p.total === 0;
      row.querySelector("progress").max = p.total || 1;
      row.querySelector("progress").value = p.done;
      row.querySelector(".count").textContent = p.done + " of " + (p.total || "?");
    }
  }

  function showResult(t) {
    const done = t.state === "SUCCESS" && t.result !== null;
    by("result").hidden = !done;
    by("failure").hidden = t.state !== "FAILURE";
    if (t.state === "FAILURE") by("reason").textContent = String(t.result || "");
    if (!done) return;
    const strong = document.createElement("strong");
    if (t.result.dry_run) {
      strong.dir = "auto";
      strong.textContent = t.result.event_name || t.message;
      by("outcome").replaceChildren(strong, t.result.event_name ? " is checked. Nothing is imported yet." : ". Nothing is imported yet.");
      for (const row of document.querySelectorAll("[data-would]")) {
        const n = (t.result.counts || {})[row.dataset.would] || 0;
        row.hidden = n === 0;
        row.querySelector("b").textContent = n;
      }
    } else if (t.result.event_name) {
      strong.dir = "auto";
      strong.textContent = t.result.event_name;
      by("outcome").replaceChildren(strong, " is imported.");
    } else {
      strong.textContent = t.message;
      by("outcome").replaceChildren(strong);
    }
    const linked = Boolean(t.result.event_name) && !t.result.dry_run && /^https?:\/\//.test(t.result.url);
    by("look").hidden = !linked;
    if (linked) by("event").href = t.result.url;
    by("earlier").hidden = !t.result.earlier_import;
    if (t.result.earlier_import) by("before").href = "/imports/" + encodeURIComponent(t.result.earlier_import);
  }

  function isFinal(t) {
    return t.state !== "PENDING" && t.state !== "STARTED";
  }

  function render(t) {
    const final = isFinal(t);
    const stage = showStages(t, final);
    const headline = by("headline");
    if (final) headline.textContent = stateWord(t.state);
    else if (t.state === "PENDING" || t.waiting_for || !stage) headline.textContent = main.dataset.waiting;
    else headline.textContent = stage.dataset.doing;
    headline.dataset.mark = { PENDING: "waiting", STARTED: "running", SUCCESS: "done" }[t.state] || "failed";
    show("note", t.note || "");
    show("stalled", t.stage_down_since || t.stage_paused_until ? t.message : "");
    showBars(t.progress);
    for (const [severity, n] of Object.entries(t.issues)) {
      const count = document.querySelector('[data-count="' + severity + '"] b');
      if (count) count.textContent = n;
    }
    by("mend").hidden = !t.issues.error;
    by("ours").hidden = t.issues.error > 0;
    showResult(t);
    const failedList = main.dataset.kind === "user-list" && t.state === "FAILURE"; // earlier attempts may have left rows out
    if (final && (main.dataset.kind === "list-check" || t.result?.failed || failedList)) {
      location.reload(); // what there is to see of rows is rendered by the server alone
      return;
    }
    main.dataset.final = String(final);
    if (final) findings();
  }

  // findings shows the issues as they are once everything has been looked at.
  async function findings() {
    const words = { error: "Error", warning: "Warning", info: "Note" };
    let list;
    try {
      const answer = await fetch("/v1/imports/" + main.dataset.id + "/issues?page%5Bsize%5D=100");
      if (!answer.ok) throw new Error();
      list = await answer.json();
    } catch {
      show("connection", "What was found could not be loaded. Reload the page to see it.");
      return;
    }
    const cell = (row, name, text) => {
      const td = row.insertCell();
      td.className = name;
      if (name === "message" || name === "hint") td.dir = "auto";
      td.textContent = text || "";
      return td;
    };
    const body = document.createElement("tbody");
    for (const issue of list.data) {
      const row = body.insertRow();
      const severity = document.createElement("a");
      severity.href = "/help/archive#" + encodeURIComponent(issue.code);
      severity.className = "severity";
      severity.dataset.severity = issue.severity;
      severity.textContent = words[issue.severity] || issue.severity;
      cell(row, "what").append(severity);
      cell(row, "file", issue.file);
      cell(row, "line", issue.line && issue.column ? issue.line + ", column " + issue.column : issue.line);
      cell(row, "message", issue.message);
      cell(row, "hint", issue.hint);
    }
    by("issues").tBodies[0].replaceWith(body);
    by("issues").hidden = list.data.length === 0;
    by("few").textContent = list.data.length;
    by("all").textContent = list.meta.total;
    by("shown").hidden = list.meta.total <= list.data.length;
  }

  function take(t) {
    // Of the attempt before, or older than what is shown: but an end counts always.
    if (t.attempt < attempt) return false;
    if (t.version >= version || t.attempt > attempt || isFinal(t)) {
      version = t.version;
      attempt = t.attempt;
      render(t);
    }
    return isFinal(t);
  }

  function later() {
    clearTimeout(timer);
    pause = Math.min(pause ? 2 * pause : 1000, 15000);
    timer = setTimeout(look, pause);
  }

  // look asks once, and then listens again: a stream that was refused does not
  // come back by itself.
  async function look() {
    try {
      const answer = await fetch(task, { cache: "no-store" });
      if (answer.status === 401 || answer.status === 404) {
        show("connection", problemOf(answer.status, ""));
        return;
      }
      if (!answer.ok) throw new Error();
      if (take(await answer.json())) {
        show("connection", "");
        return;
      }
    } catch {
      show("connection", "The connection is lost. Trying to get it back …");
      later();
      return;
    }
    listen();
  }

  function listen() {
    clearTimeout(timer);
    if (source) source.close();
    source = new EventSource(task + "/stream");
    const mine = source;
    mine.addEventListener("open", () => {
      pause = 0;
      show("connection", "");
    });
    mine.addEventListener("message", (event) => {
      const t = JSON.parse(event.data);
      const ended = take(t);
      if (!ended && !isFinal(t)) return;
      mine.close();
      // The end of the attempt before: the newest one is not known there yet.
      if (!ended) later();
    });
    mine.addEventListener("error", () => {
      if (main.dataset.final === "true") return;
      show("connection", "The connection is lost. Trying to get it back …");
      if (mine.readyState === EventSource.CLOSED) later();
    });
  }

  // begun follows the attempt that a command was answered with.
  function begun(text) {
    attempt = JSON.parse(text).attempt || attempt + 1;
    by("failure").hidden = true;
    by("result").hidden = true;
    by("headline").textContent = main.dataset.waiting;
    by("headline").dataset.mark = "waiting";
    main.dataset.final = "false";
    listen();
  }

  const again = by("again");
  again.disabled = false;
  again.addEventListener("click", async () => {
    again.disabled = true;
    show("refused", "");
    try {
      const answer = await fetch("/v1/imports/" + main.dataset.id + "/replay", { method: "POST" });
      const text = await answer.text();
      if (answer.status !== 202) {
        show("refused", problemOf(answer.status, text));
        return;
      }
      begun(text);
    } catch {
      show("refused", "The connection is lost. Try again in a moment.");
    } finally {
      again.disabled = false;
    }
  });

  const start = by("start"); // of a check
  if (start) {
    start.disabled = false;
    start.addEventListener("click", async () => {
      start.disabled = true;
      show("unstarted", "");
      try {
        const answer = await fetch("/v1/imports/" + main.dataset.id + "/start", { method: "POST" });
        const text = await answer.text();
        if (answer.status === 202) {
          location.assign("/imports/" + encodeURIComponent(JSON.parse(text).id));
          return;
        }
        show("unstarted", problemOf(answer.status, text));
      } catch {
        show("unstarted", "The connection is lost. Try again in a moment.");
      }
      start.disabled = false;
    });
  }

  if (by("mending")) mends(main.dataset.id, begun);
  if (main.dataset.final !== "true") listen();
}

// mends takes the rows that were left out of a list, mended, for its next attempt, and
// hands on the answer that tells which one has begun.
function mends(id, begun) {
  const file = by("mended"), hand = by("hand");
  hand.disabled = false;
  by("mending").addEventListener("submit", async (event) => {
    event.preventDefault();
    const format = file.files.length > 0 ? listFormat(file.files[0]) : "";
    if (!format) {
      show("unmended", "Please select the mended table, CSV or Excel (.csv, .xlsx).");
      file.focus();
      return;
    }
    hand.disabled = true;
    show("unmended", "");
    const body = new FormData();
    body.append("file", file.files[0]);
    try {
      const answer = await fetch("/v1/imports/" + id + "/rows/" + format, { method: "POST", body });
      const text = await answer.text();
      if (answer.status === 202) {
        by("leftout").remove(); // the rows are on their way
        begun(text);
        return;
      }
      show("unmended", problemOf(answer.status, text));
    } catch {
      show("unmended", "The connection was lost. Upload the table again.");
    }
    hand.disabled = false;
  });
}

// invited takes the token out of the address, where others might see it later, into the
// form. The tab remembers it, for who is led back to the page or reloads it.
function invited() {
  const kept = "invitation", token = location.hash.slice(1) || sessionStorage.getItem(kept);
  if (!token) return; // it can be typed
  sessionStorage.setItem(kept, token);
  history.replaceState(null, "", location.pathname + location.search);
  by("token").value = token;
  by("code").hidden = true;
}

if (by("invitation")) invited();
if (by("upload")) uploads();
if (by("import")) follows(by("import"));
