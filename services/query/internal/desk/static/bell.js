// The bell: how many notifications are new. It is asked for now and then while the page
// is looked at, because a notification is nothing that anybody waits for.
import { ask } from "./answer.js";

const pause = 20000, shown = 99;
const badge = document.getElementById("unread");
let before = Number.parseInt(badge.textContent, 10) || 0;

function show(unread) {
  badge.textContent = unread > shown ? shown + "+" : String(unread);
  badge.hidden = unread === 0;
  if (unread > before) {
    document.getElementById("rung").textContent = unread === 1 ? "1 new notification" : badge.textContent + " new notifications";
  }
  before = unread;
}

async function look() {
  if (document.hidden) return;
  const answer = await ask("GET", "/v1/notifications?filter[read]=false&page[size]=1");
  if (answer.ok) show(answer.said.meta.total);
}

// read says that the notifications of this page are looked at. It names the newest, so
// that what has come since stays new.
async function read(newest) {
  const answer = await ask("POST", "/v1/notifications/read", { up_to: newest });
  if (answer.ok) show(answer.said.unread);
}

// seen does something once the page is looked at: browsers load pages ahead, too.
function seen(then) {
  if (!document.hidden) return then();
  document.addEventListener("visibilitychange", then, { once: true });
}

const page = document.getElementById("notifications");
if (page && page.dataset.newest) seen(() => read(page.dataset.newest));
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", (event) => { if (event.persisted) look(); });
setInterval(look, pause);
