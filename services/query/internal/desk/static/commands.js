// Asks before a command is given, says what comes of it, and gives it.
import { by, lost, problemOf } from "./page.js";

export function commands(main, following) {
  main.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-ask]");
    if (asking) {
      const dialog = by(asking.dataset.ask);
      told(dialog, "");
      dialog.showModal();
    }
    const doing = event.target.closest("[data-do]");
    if (doing) give(doing.closest("dialog"), doing.dataset.do === "forced");
  });

  function told(dialog, text) {
    const alert = dialog.querySelector(".alert");
    alert.textContent = text;
    alert.hidden = text === "";
  }

  async function give(dialog, forced) {
    const buttons = dialog.querySelectorAll("[data-do]");
    for (const button of buttons) button.disabled = true;
    told(dialog, "");
    const from = dialog.querySelector("select");
    const body = from ? JSON.stringify({ from: from.value }) : dialog.dataset.body;
    try {
      const answer = await fetch(dialog.dataset.path + (forced ? "?force=true" : ""), {
        method: dialog.dataset.method, body: body || undefined, headers: body ? { "Content-Type": "application/json" } : {},
      });
      const text = await answer.text();
      if (answer.status === 202) {
        dialog.close();
        following.begun(JSON.parse(text).attempt);
        return;
      }
      told(dialog, problemOf(answer.status, text));
      // What stands in the way is said; whoever knows it can go on all the same.
      const all = dialog.querySelector('[data-do="forced"]');
      if (all && /"event_edited"/.test(text)) all.hidden = false;
    } catch {
      told(dialog, lost);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }
}
