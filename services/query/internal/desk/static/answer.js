// ask sends a request and reads what comes back: whether it is what was asked for, the
// answer as an object, and else in words why not.
export async function ask(method, path, body) {
  let answer, text;
  try {
    const sent = { method, cache: "no-store", headers: { Accept: "application/json" } };
    if (body !== undefined) {
      sent.headers["Content-Type"] = "application/json";
      sent.body = JSON.stringify(body);
    }
    answer = await fetch(path, sent);
    text = await answer.text();
  } catch {
    return { ok: false, status: 0, words: "The connection is lost. Try again in a moment." };
  }
  let said = {};
  try {
    said = JSON.parse(text);
  } catch { /* nothing was said, or whoever answered stands in front of Usher */ }
  return { ok: answer.ok, status: answer.status, said, words: answer.ok ? "" : wordsOf(answer.status, said) };
}

function wordsOf(status, said) {
  if (status === 401) return "You are not signed in any more. Reload the page to sign in again.";
  return said.detail || said.title || "This did not work (" + status + "). Try again in a moment.";
}

// tell shows a text in an element, or hides it where there is nothing to say.
export function tell(id, text) {
  const element = document.getElementById(id);
  element.textContent = text;
  element.hidden = text === "";
}
