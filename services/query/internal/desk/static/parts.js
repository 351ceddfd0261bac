// Exchanges the parts of a page for those of the same page as the server renders it
// anew. So what was kept up to date and what was loaded is the same page, and the
// script has no words of its own. The server has escaped all that comes from a file.

// drawn has the parts as the server has rendered them; what the script has done to them
// since, such as a button that it has switched on, is no change.
const drawn = new Map();

// take notes the parts of a page that was just loaded, and switches on what needs the script.
export function take(main) {
  for (const part of main.querySelectorAll("[data-part]")) drawn.set(part.id, part.outerHTML);
  switchOn(main);
}

// exchange takes over the parts that have changed. It tells whether all could be: one in
// which somebody is about to answer or to choose (data-held) has to wait. While something
// is pressed nothing changes: what is let go on another element, or where another one has
// moved to, is no click.
export function exchange(main, fresh) {
  if (main.matches(":active")) return false;
  const focused = document.activeElement;
  let all = true;
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const old = document.getElementById(part.id), html = part.outerHTML;
    if (!old || drawn.get(part.id) === html) continue;
    if (old.dataset.held || old.querySelector("dialog[open]")) {
      all = false;
      continue;
    }
    drawn.set(part.id, html);
    for (const group of part.querySelectorAll("details[data-key]")) {
      for (const before of old.querySelectorAll("details[data-key]")) {
        if (before.dataset.key === group.dataset.key) group.open = before.open;
      }
    }
    old.replaceWith(part);
  }
  switchOn(main);
  // Who was at something that was exchanged is at the same again, or at the top where that is gone.
  if (!focused.isConnected) (document.getElementById(focused.id) ?? main.querySelector("h1")).focus({ preventScroll: true });
  return all;
}

function switchOn(main) {
  for (const one of main.querySelectorAll("[data-script]")) one.disabled = false;
}
