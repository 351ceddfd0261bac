// Takes the token out of the address, where others might see it later, into the form.
// The tab remembers it, for who is led back to the page or reloads it.
import { by } from "./page.js";

const kept = "invitation", token = location.hash.slice(1) || sessionStorage.getItem(kept);
if (token) { // else it can be typed
  sessionStorage.setItem(kept, token);
  history.replaceState(null, "", location.pathname + location.search);
  by("token").value = token;
  by("code").hidden = true;
}
