// What the scripts of all pages have in common. All that comes from a file or from an
// answer becomes text, never markup.

export const by = (id) => document.getElementById(id);

// show shows a text in a place of its own, which is not there without one.
export function show(id, text) {
  const place = by(id);
  if (!place) return; // the page has been rendered anew meanwhile
  place.textContent = text;
  place.hidden = text === "";
}

// problemOf says in words why an answer is not what was asked for.
export function problemOf(status, text) {
  if (status === 401) return "You are not signed in any more. Reload the page to sign in again.";
  try {
    const problem = JSON.parse(text);
    if (problem.detail || problem.title) return problem.detail || problem.title;
  } catch { /* whoever answered stands in front of Usher */ }
  return "This did not work (" + status + "). Try again in a moment.";
}

// lost is what is said where there was no answer at all.
export const lost = "The connection is lost. Try again in a moment.";

// listFormat tells how a list of users is written, by the name of its file; of any
// other file it is empty.
export function listFormat(file) {
  const [, format = ""] = /\.(csv|xlsx)$/.exec(file.name.toLowerCase()) || [];
  return format;
}
