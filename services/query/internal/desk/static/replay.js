// Trying failed imports again: the chosen ones, or all that the form has found. How many
// they are, and where they begin, is said before anything is done.
import { ask } from "./answer.js";
import { by, show } from "./page.js";

const boxes = () => [...document.querySelectorAll("[data-choose]")];

// An answer that the next import would get, too: who asks is nobody any more, or the
// server has too much to do.
const signedOut = 401, busy = [0, 429, 503];
const patience = 5;

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// replays lets the page try imports again, and calls then when some have begun. It returns
// what is to be called when the list has changed.
export function replays(then) {
  function count() {
    const all = boxes(), chosen = all.filter((box) => box.checked);
    if (all.length === 0) return;
    for (const box of [...all, by("every")]) box.disabled = false;
    by("replay-chosen").disabled = chosen.length === 0;
    by("replay-all").disabled = false;
    const words = chosen.length === 0 ? "" : chosen.length + " chosen";
    if (by("chosen").textContent !== words) by("chosen").textContent = words;
    by("every").checked = chosen.length === all.length;
    by("every").indeterminate = chosen.length > 0 && chosen.length < all.length;
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "every") {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    count();
  });

  document.addEventListener("click", async (event) => {
    if (event.target.id === "replay-chosen") {
      const chosen = boxes().filter((box) => box.checked);
      offer(chosen.map((box) => ({
        id: box.dataset.choose, stage: box.dataset.stage, name: box.closest("tr").querySelector("a").textContent,
      })), then);
    }
    if (event.target.id === "replay-all") {
      event.target.disabled = true;
      const found = await listed(by("failed").dataset.list);
      count();
      show("undone", found.words);
      if (found.imports) offer(found.imports, then);
    }
  });

  count();
  return count;
}

// listed reads all imports that the form has found, of all pages, before the first of them
// is tried again: that takes it out of the list.
async function listed(path) {
  const imports = [];
  while (path) {
    const answer = await ask("GET", path);
    if (!answer.ok) return { words: answer.words };
    for (const { id, attributes } of answer.said.data) {
      imports.push({ id, stage: nameOf(attributes.stage), name: attributes["file-name"] || id });
    }
    path = answer.said.links.next;
  }
  return { imports, words: "" };
}

// nameOf is what the page calls a step.
function nameOf(stage) {
  return document.querySelector('[data-pause="' + stage + '"]')?.dataset.name || stage;
}

function offer(imports, then) {
  const steps = new Map();
  for (const { stage } of imports) steps.set(stage, (steps.get(stage) || 0) + 1);
  const many = imports.length === 1 ? "1 import" : imports.length + " imports";
  by("replaying-title").textContent = "Try " + many + " again?";
  by("replaying-what").textContent = [...steps].map(([stage, n]) => n + " from “" + stage + "”").join(", ") + ".";
  show("replaying-told", "");
  by("replaying-refused").replaceChildren();
  by("replaying-refused").hidden = by("replaying-bar").hidden = true;
  by("replaying-end").textContent = "Cancel";
  const go = by("replaying-go"), dialog = by("replaying");
  go.hidden = false;
  go.disabled = imports.length === 0;
  go.onclick = async () => {
    go.hidden = true;
    by("replaying-end").textContent = "Stop";
    by("replaying-end").focus();
    await run(imports, () => dialog.open);
    by("replaying-end").textContent = "Close";
    for (const box of boxes()) box.checked = false;
    then();
  };
  dialog.showModal();
}

// run tries one after the other, the oldest first, as they were listed the other way
// round. One that is refused does not keep it from the others.
async function run(imports, goesOn) {
  const bar = by("replaying-bar");
  bar.max = imports.length;
  bar.value = 0;
  bar.hidden = false;
  let begun = 0;
  for (const one of imports.toReversed()) {
    const answer = await tried(one, goesOn);
    if (!answer) break;
    if (answer.ok) begun++;
    else refused(one, answer.words);
    if (answer.status === signedOut) break;
    bar.value++;
    show("replaying-told", begun + " of " + imports.length + " have begun again.");
  }
}

// tried asks for one again; nothing comes of it where who asked has stopped it.
async function tried(one, goesOn) {
  let answer;
  for (let n = 0; n < patience; n++) {
    if (!goesOn()) return null;
    answer = await ask("POST", "/v1/imports/" + one.id + "/replay", {});
    if (!busy.includes(answer.status)) break;
    await wait(1000 * 2 ** n);
  }
  return answer;
}

function refused(one, words) {
  const line = document.createElement("li");
  line.textContent = one.name + ": " + words;
  by("replaying-refused").append(line);
  by("replaying-refused").hidden = false;
}
