// Inviting somebody again.
import { ask } from "./answer.js";
import { show } from "./page.js";

for (const button of document.querySelectorAll("[data-invite]")) {
  button.disabled = false;
  button.setAttribute("aria-label", "Invite again: " + button.dataset.nick);
  button.addEventListener("click", async () => {
    button.disabled = true;
    show("invited", "");
    show("uninvited", "");
    const answer = await ask("POST", "/v1/invitations", { user: button.dataset.invite });
    if (answer.ok) {
      button.textContent = "Invited again";
      button.setAttribute("aria-label", "Invited again: " + button.dataset.nick);
      show("invited", "Another invitation goes to " + button.dataset.nick + ".");
      return;
    }
    show("uninvited", answer.words);
    button.disabled = false;
  });
}
