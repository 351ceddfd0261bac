// Takes the rows that were left out of a list, mended, for its next attempt.
import { by, listFormat, problemOf, show } from "./page.js";

export function mended(main, following) {
  main.addEventListener("submit", async (event) => {
    if (event.target.id !== "mending") return;
    event.preventDefault();
    const file = by("mended"), hand = by("hand");
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
      const answer = await fetch("/v1/imports/" + following.id() + "/rows/" + format, { method: "POST", body });
      const text = await answer.text();
      if (answer.status === 202) {
        following.begun(JSON.parse(text).attempt); // the rows are on their way
        return;
      }
      show("unmended", problemOf(answer.status, text));
    } catch {
      show("unmended", "The connection was lost. Upload the table again.");
    }
    hand.disabled = false;
  });
}
