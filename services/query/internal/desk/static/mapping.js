// Checks a list again with other columns. Each such check is one of its own, and the
// page goes on with it, so that what is imported is what was shown last.
import { by, lost, problemOf, show } from "./page.js";

// settled is how long somebody chooses until the list is checked, in milliseconds: with
// the keyboard one goes through all fields on the way to the one that is meant.
const settled = 700;

export function mapping(main, following) {
  let timer = 0, checking = false, again = false;

  const held = (is) => {
    const preview = by("preview");
    if (is) preview.dataset.held = "true";
    else delete preview.dataset.held;
  };

  main.addEventListener("change", (event) => {
    const chosen = event.target.closest("[data-column]");
    if (!chosen) return;
    // What a field holds is in one column.
    for (const other of main.querySelectorAll("[data-column]")) {
      if (other !== chosen && chosen.value !== "" && other.value === chosen.value) other.value = "";
    }
    held(true); // what was chosen stays while it is looked at
    clearTimeout(timer);
    timer = setTimeout(check, settled);
  });

  async function check() {
    if (checking) {
      again = true;
      return;
    }
    checking = true;
    again = false;
    show("unmapped", "");
    by("checking").textContent = "Checking …";
    const fields = {};
    for (const column of main.querySelectorAll("[data-column]")) fields["#" + column.dataset.column] = column.value;
    try {
      const answer = await fetch("/v1/imports/" + following.id() + "/start", {
        method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dry_run: true, mapping: fields }),
      });
      const text = await answer.text();
      if (answer.status === 202) {
        following.moved(JSON.parse(text).id);
        return;
      }
      show("unmapped", problemOf(answer.status, text));
    } catch {
      show("unmapped", lost);
    }
    by("checking").textContent = "";
    checking = false;
  }

  main.addEventListener("ended", () => {
    if (!checking) return;
    checking = false;
    if (again) {
      check();
      return;
    }
    held(false);
    following.render();
  });
}
