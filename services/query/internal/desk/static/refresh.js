// become makes an element what another one is, and keeps all that is the same: so what is
// chosen, focused or scrolled stays so. Rows are told apart by their data-key. Which
// buttons can be pressed is for the scripts to say.
export function become(have, want) {
  for (const { name } of [...have.attributes]) {
    if (name !== "disabled" && !want.hasAttribute(name)) have.removeAttribute(name);
  }
  for (const { name, value } of want.attributes) {
    if (name !== "disabled" && have.getAttribute(name) !== value) have.setAttribute(name, value);
  }
  let at = have.firstChild;
  for (const next of [...want.childNodes]) {
    const mine = next.dataset?.key ? [...have.children].find((c) => c.dataset.key === next.dataset.key) : alike(at, next) ? at : null;
    if (!mine) {
      have.insertBefore(document.adoptNode(next), at);
      continue;
    }
    // What stands before it is gone, or comes further down, where it is found again.
    if (mine !== at) have.insertBefore(mine, at);
    else at = at.nextSibling;
    if (mine.nodeType === Node.ELEMENT_NODE) become(mine, next);
    else if (mine.data !== next.data) mine.data = next.data;
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function alike(a, b) {
  return a !== null && a.nodeName === b.nodeName && !a.dataset?.key && (a.id || "") === (b.id || "");
}

// refresh loads the page once more, and brings the parts of it that are named by data-live
// up to date. It tells whether that was possible.
export async function refresh() {
  let text;
  try {
    const answer = await fetch(location.href, { cache: "no-store", redirect: "error" });
    if (!answer.ok) return false;
    text = await answer.text();
  } catch {
    return false;
  }
  const now = new DOMParser().parseFromString(text, "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const same = now.querySelector('[data-live="' + part.dataset.live + '"]');
    if (same) become(part, same);
  }
  return true;
}
