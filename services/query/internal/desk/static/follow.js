// Follows an import: its stream tells that something has changed and moves the bars; all
// else is the page as the server renders it anew. A connection that is lost is said to
// be, and comes back by itself.
import { by, problemOf, show } from "./page.js";
import { exchange, take } from "./parts.js";

// How long nothing may be heard of an import before it is asked for, and how long an
// answer may take, in milliseconds.
const silence = 45000, patience = 10000;
const lost = "The connection is lost. Trying to get it back …";

// follow keeps the page of an import up to date. What it returns is for those who give
// commands. It tells main by the event "ended" that all of an end is shown.
export function follow(main) {
  let id = main.dataset.id;
  let attempt = Number(main.dataset.attempt), version = Number(main.dataset.version);
  let shown = ""; // what is rendered, as far as it follows from the document
  let newest = null; // the newest document
  let source = null, timer = 0, pause = 0, watch = 0;
  let rendering = false, stale = false, waiting = false, renderTimer = 0, renderPause = 0;

  const over = () => main.dataset.final === "true";

  function showBars() {
    for (const row of newest ? main.querySelectorAll("[data-type]") : []) {
      const p = newest.progress[row.dataset.type] || { done: 0, total: 0 };
      row.hidden = p.done === 0 && p.total === 0;
      row.querySelector("progress").max = p.total || 1;
      row.querySelector("progress").value = p.done;
      row.querySelector(".count").textContent = p.done + " of " + (p.total || "?");
    }
  }

  // render takes over the page as it is now: at once, or again after a pause where that
  // fails, and never twice at the same time.
  function render() {
    stale = true;
    if (!rendering && !renderTimer) renderTimer = setTimeout(draw, renderPause);
  }

  async function draw() {
    renderTimer = 0;
    rendering = true;
    stale = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (answer.redirected) {
        show("connection", problemOf(401, ""));
        return;
      }
      if (!answer.ok) throw new Error();
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("import");
      // What was asked for before a command may be answered behind it.
      const at = { attempt: Number(fresh.dataset.attempt), version: Number(fresh.dataset.version) };
      if (fresh.dataset.id !== id || at.attempt < attempt) throw new Error();
      waiting = !exchange(main, fresh);
      if (newest && newest.attempt === at.attempt && newest.version > at.version) showBars();
      if (at.attempt > attempt || at.version > version) ({ attempt, version } = at); // the stream may bring what is older yet
      main.dataset.cleaning = fresh.dataset.cleaning;
      if (main.dataset.final !== fresh.dataset.final) {
        main.dataset.final = fresh.dataset.final;
        if (over()) main.dispatchEvent(new Event("ended"));
      }
      if (over() && main.dataset.cleaning === "true") { // no stream tells of that
        stale = true;
        renderPause = Math.min(Math.max(1000, 2 * renderPause), 30000);
      } else {
        renderPause = 300; // what changes ten times a second is not rendered as often
      }
    } catch {
      stale = true;
      renderPause = Math.min(Math.max(1000, 2 * renderPause), 15000);
    } finally {
      rendering = false;
      if (stale) render();
    }
  }

  const isFinal = (t) => t.state !== "PENDING" && t.state !== "STARTED";

  // hear takes a document, and tells whether it is the end.
  function hear(t) {
    if (t.attempt < attempt) return false; // of the attempt before
    if (t.attempt === attempt && t.version < version && !isFinal(t)) return false;
    attempt = t.attempt;
    version = t.version;
    newest = t;
    showBars();
    const now = JSON.stringify([t.attempt, t.state, t.stage, t.waiting_for, t.note, t.stage_down_since, t.stage_paused_until, t.issues, t.cleanup]);
    if (now !== shown) render();
    shown = now;
    return isFinal(t);
  }

  function later() {
    clearTimeout(timer);
    pause = Math.min(pause ? 2 * pause : 1000, 15000);
    timer = setTimeout(look, pause);
  }

  // look asks once, and then listens again: a stream that was refused does not come back
  // by itself, and one that nothing comes through any more looks as if it were there.
  async function look() {
    clearTimeout(timer);
    clearTimeout(watch);
    source?.close();
    const asked = id;
    try {
      const answer = await fetch("/v1/tasks/" + asked, { cache: "no-store", signal: AbortSignal.timeout(patience) });
      if (answer.status === 401 || answer.status === 404) {
        show("connection", problemOf(answer.status, await answer.text()));
        return;
      }
      if (!answer.ok) throw new Error();
      const t = await answer.json();
      if (asked !== id) return;
      show("connection", "");
      if (hear(t)) return;
    } catch {
      show("connection", lost);
      later();
      return;
    }
    listen();
  }

  function alive() {
    clearTimeout(watch);
    watch = setTimeout(look, silence);
  }

  function listen() {
    clearTimeout(timer);
    source?.close();
    alive();
    const mine = source = new EventSource("/v1/tasks/" + id + "/stream");
    mine.addEventListener("open", () => {
      pause = 0;
      show("connection", "");
    });
    mine.addEventListener("message", (event) => {
      if (mine !== source) return;
      alive();
      const t = JSON.parse(event.data);
      const ended = hear(t);
      if (!ended && !isFinal(t)) return;
      mine.close();
      clearTimeout(watch);
      // The end of the attempt before: the newest one is not known there yet.
      if (!ended) later();
    });
    mine.addEventListener("error", () => {
      if (mine !== source || over()) return;
      show("connection", lost);
      if (mine.readyState === EventSource.CLOSED) later();
    });
  }

  // A browser knows sooner than a stream that there is no network.
  addEventListener("offline", () => { if (!over()) show("connection", lost); });
  addEventListener("online", () => { if (!over()) look(); });
  main.addEventListener("close", () => { if (waiting) render(); }, true); // of a dialog
  for (const letGo of ["pointerup", "pointercancel", "keyup"]) addEventListener(letGo, () => { if (waiting) render(); });
  // A page that the browser has kept is shown again as it was left.
  addEventListener("pageshow", (event) => { if (event.persisted) look(); });

  take(main);
  if (!over()) listen();
  else if (main.dataset.cleaning === "true") render();

  return {
    id: () => id,
    render,
    // begun follows what a command was answered with: the attempt that it belongs to.
    begun(number) {
      attempt = number;
      version = 0;
      main.dataset.final = "false";
      shown = "";
      listen();
      render();
    },
    // moved follows another import in the place of this one.
    moved(to) {
      id = main.dataset.id = to;
      attempt = 1;
      version = 0;
      newest = null;
      shown = "";
      main.dataset.final = "false";
      history.replaceState(null, "", "/imports/" + encodeURIComponent(id));
      listen();
    },
  };
}
