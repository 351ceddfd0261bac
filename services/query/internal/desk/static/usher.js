// Loads what a page needs beyond being read. A page is whole without it.
"use strict";

for (const [id, module] of Object.entries({ upload: "upload.js", import: "import.js", invitation: "invitation.js" })) {
  if (document.getElementById(id)) import("./" + module);
}
