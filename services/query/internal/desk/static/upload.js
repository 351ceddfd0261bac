// Takes a file that was chosen or dropped, says what it is, and sends it with a bar. It
// goes by XMLHttpRequest, because fetch does not tell how much of a file was sent.
import { by, listFormat, problemOf, show } from "./page.js";

const form = by("upload"), file = by("file"), drop = by("drop"), send = by("send"), check = by("check");
const lists = file.accept.includes(".csv"); // they are for administrators
let under = null; // the upload under way

function busy(is) {
  send.disabled = check.disabled = file.disabled = by("publish").disabled = is;
  by("sending").hidden = !is;
}

function failed(why, button) {
  under = null;
  busy(false);
  show("problem", why);
  button.focus();
}

function sizeOf(bytes) {
  for (const unit of ["bytes", "KB", "MB", "GB"]) {
    if (bytes < 1000 || unit === "GB") return (unit === "bytes" || bytes >= 100 ? Math.round(bytes) : bytes.toFixed(1)) + " " + unit;
    bytes /= 1000;
  }
}

function kindOf(chosen) {
  const list = { csv: "a list of users, CSV", xlsx: "a list of users, Excel" }[listFormat(chosen)];
  if (list) return list;
  return /\.zip$/i.test(chosen.name) ? "an archive" : "by its name neither an archive nor a list of users; it is looked at as an archive";
}

function chosen() {
  show("problem", "");
  const [one] = file.files;
  by("kind").textContent = one ? one.name + ", " + sizeOf(one.size) + ": " + kindOf(one) + "." : "";
  by("publish").parentElement.hidden = Boolean(one) && listFormat(one) !== ""; // a list has nothing to show
}

// upload sends the chosen file, to be checked only or imported.
function upload(only, button) {
  if (under) return;
  const [one] = file.files;
  if (!one) {
    show("problem", "Please select a file.");
    file.focus();
    return;
  }
  const users = listFormat(one);
  if (users && !lists) { // a list with passwords is better not sent for nothing
    show("problem", "Only administrators can upload a list of users. Choose an Open Event archive (.zip).");
    file.focus();
    return;
  }
  show("problem", "");
  const body = new FormData();
  body.append("file", one);
  const asked = new URLSearchParams();
  if (!users && by("publish").checked) asked.set("publish", "true");
  if (only) asked.set("dry_run", "true");
  const request = under = new XMLHttpRequest();
  request.open("POST", (users ? "/v1/users/import/" + users : "/v1/events/import/json") + "?" + asked);
  request.upload.addEventListener("progress", (p) => {
    if (!p.lengthComputable) return;
    by("sent").value = Math.floor(1000 * p.loaded / p.total);
    by("percent").textContent = Math.floor(100 * p.loaded / p.total) + " %";
  });
  request.addEventListener("load", () => {
    if (request.status !== 202) {
      failed(problemOf(request.status, request.responseText), button);
      return;
    }
    location.assign("/imports/" + encodeURIComponent(JSON.parse(request.responseText).id));
  });
  request.addEventListener("error", () => failed("The connection was lost before the whole file was there. Upload it again.", button));
  request.addEventListener("abort", () => failed("", button)); // as whoever is here wanted it
  by("sent").value = 0;
  by("percent").textContent = "0 %";
  busy(true);
  by("stop").focus();
  request.send(body);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  upload(true, check);
});
send.addEventListener("click", () => upload(false, send));
by("stop").addEventListener("click", () => under?.abort());

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.remove("over");
  });
}
drop.addEventListener("drop", (event) => {
  if (under || event.dataTransfer.files.length === 0) return;
  file.files = event.dataTransfer.files;
  chosen();
});
file.addEventListener("change", chosen);
// A page that the browser has kept, and shows again, is not uploading any more.
addEventListener("pageshow", () => {
  under = null;
  busy(false);
  chosen();
});
busy(false);
chosen();
