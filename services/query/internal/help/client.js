// A client of Usher in plain JavaScript, for a page of any origin that USHER_CORS_ORIGINS lets in. It uploads an
// archive and follows its import live, or by asking each second where no stream gets through.
const final = new Set(["SUCCESS", "FAILURE", "CANCELED", "DISCARDED"]);

// importArchive resolves with the task document that the import has ended with. onSent(bytes, total) hears how much of
// the file is sent, onTask(task) of each change of the task document.
export async function importArchive(usher, token, file, onSent, onTask) {
  const { id } = await upload(usher + "/v1/events/import/json", token, file, onSent);
  const ask = async (method, path) => {
    const answer = await fetch(usher + path, { method, headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status}`), { status: answer.status });
    return answer.json();
  };
  for (;;) {
    try {
      const task = await ask("GET", `/v1/tasks/${id}`);
      onTask(task);
      if (final.has(task.state)) return task;
      const ticket = await ask("POST", `/v1/tasks/${id}/ticket`); // EventSource sends no token; a ticket is good for once
      await follow(usher + ticket.stream_url, onTask);
    } catch (error) {
      if (error.status < 500) throw error; // else Usher is away for a moment
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

// follow resolves when the stream has ended or was lost. Each of its events is a whole document.
const follow = (url, onTask) => new Promise((resolve) => {
  const stream = new EventSource(url);
  stream.onmessage = (event) => onTask(JSON.parse(event.data));
  stream.onerror = () => { stream.close(); resolve(); };
});

// upload resolves with what the answer 202 says. XMLHttpRequest, because fetch does not tell how much is sent.
const upload = (url, token, file, onSent) => new Promise((resolve, reject) => {
  const request = Object.assign(new XMLHttpRequest(), { responseType: "json" });
  request.upload.onprogress = (event) => onSent(event.loaded, event.total);
  request.onerror = () => reject(new Error("The connection was lost."));
  request.onload = () => request.status === 202 ? resolve(request.response) : reject(new Error(request.response?.detail));
  request.open("POST", url);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  const form = new FormData();
  form.append("file", file);
  request.send(form);
});
