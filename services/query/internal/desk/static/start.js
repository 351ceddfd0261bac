// Imports what was checked.
import { lost, problemOf, show } from "./page.js";

export function starts(main, following) {
  main.addEventListener("click", async (event) => {
    const start = event.target.closest("[data-start]");
    if (!start) return;
    start.disabled = true;
    show("unstarted", "");
    try {
      const answer = await fetch("/v1/imports/" + following.id() + "/start", { method: "POST" });
      const text = await answer.text();
      if (answer.status === 202) {
        location.assign("/imports/" + encodeURIComponent(JSON.parse(text).id));
        return;
      }
      show("unstarted", problemOf(answer.status, text));
    } catch {
      show("unstarted", lost);
    }
    start.disabled = false;
  });
}
