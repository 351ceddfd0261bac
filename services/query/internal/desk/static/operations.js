// What an administrator does: pause a step and let it go on, try failed imports again, and
// discard messages that nobody could read. The page keeps itself up to date meanwhile.
import { ask } from "./answer.js";
import { by, show } from "./page.js";
import { refresh } from "./refresh.js";
import { replays } from "./replay.js";

const pause = 5000;

// asked opens a dialog, and tells whether the answer was yes.
function asked(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// did shows what came of a command, and how things are now.
async function did(answer, words) {
  show("undone", answer.words);
  show("done", answer.ok ? words : "");
  await update();
}

async function hold(button) {
  const { pause: stage, name } = button.dataset;
  by("pausing-title").textContent = "Pause the step “" + name + "”?";
  if (!(await asked(by("pausing")))) return;
  const time = by("pause-for");
  did(await ask("POST", "/v1/stages/" + stage + "/pause", { for: time.value }),
    "“" + name + "” is paused for " + time.selectedOptions[0].textContent + ".");
}

async function letGo(button) {
  const { resume: stage, name } = button.dataset;
  did(await ask("POST", "/v1/stages/" + stage + "/resume", {}), "“" + name + "” goes on.");
}

async function discard(button) {
  if (!(await asked(by("discarding")))) return;
  const answer = await ask("DELETE", "/v1/dead/" + button.dataset.discard);
  if (answer.ok && by("dead")) {
    location.assign("/operations");
    return;
  }
  if (by("operations")) did(answer, "The message is gone.");
  else show("undone", answer.words);
}

// Rows come and go, so the whole document listens.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.pause) hold(button);
  if (button.dataset.resume) letGo(button);
  if (button.dataset.discard) discard(button);
});

// enable lets the buttons be pressed that need a script.
function enable() {
  for (const button of document.querySelectorAll("[data-pause], [data-resume], [data-discard]")) button.disabled = false;
}

let asking = false;
let counted = () => {}; // once the list has changed

async function update() {
  if (asking) return;
  asking = true;
  const is = await refresh();
  asking = false;
  show("lost", is ? "" : "The connection is lost, and what is shown may be old. Trying to get it back …");
  enable();
  counted();
}

enable();
if (by("operations")) {
  counted = replays(update);
  setInterval(() => { if (!document.hidden) update(); }, pause);
}
