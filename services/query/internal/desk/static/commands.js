// Asks before a command is given, says what comes of it, and gives it.
import { by, lost, problemOf } from "./page.js";

export function commands(main, following) {
  main.addEventListener("click", (event) => {
    const asking = event.target.closest("[data-ask]");
    if (asking) {
      const dialog = by(asking.dataset.ask);
      told(dialog, "");
      stands(dialog, false);
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

  // stands says whether something is known to stand in the way, which can be forced then.
  function stands(dialog, is) {
    const forced = dialog.querySelector('[data-do="forced"]');
    if (!forced) return;
    forced.hidden = !is;
    dialog.querySelector('[data-do="asked"]').hidden = is;
    if (is) forced.focus();
  }

  async function give(dialog, forced) {
    const buttons = dialog.querySelectorAll("[data-do]");
    for (const button of buttons) button.disabled = true;
    told(dialog, "");
    const from = dialog.querySelector("select");
    const body = from ? JSON.stringify({ from: from.value }) : dialog.dataset.body;
    let answer, text;
    try {
      answer = await fetch(dialog.dataset.path + (forced ? "?force=true" : ""), {
        method: dialog.dataset.method, body: body || undefined, headers: body ? { "Content-Type": "application/json" } : {},
      });
      text = await answer.text();
    } catch {
      told(dialog, lost);
      return;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
    if (answer.status === 202) {
      dialog.close();
      following.begun(JSON.parse(text).attempt);
      return;
    }
    told(dialog, problemOf(answer.status, text));
    if (/"event_edited"/.test(text)) stands(dialog, true);
  }
}
