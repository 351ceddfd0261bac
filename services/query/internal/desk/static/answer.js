import { lost, problemOf } from "./page.js";

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
    return { ok: false, status: 0, words: lost };
  }
  let said = {};
  try {
    said = JSON.parse(text);
  } catch { /* nothing was said, or whoever answered stands in front of Usher */ }
  return { ok: answer.ok, status: answer.status, said, words: answer.ok ? "" : problemOf(answer.status, text) };
}
