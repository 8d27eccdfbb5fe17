// Pages of a document sent in parts, several at once, from data-upload="/path":
// with progress, and taken up again after a broken line or a closed page. Parts
// that arrived are never sent twice. Without script the form sends one page.
const waits = [1, 2, 5, 10, 20, 30];
const pause = (seconds) =>
  new Promise((done) => {
    const go = () => {
      window.removeEventListener("online", go);
      clearTimeout(timer);
      done();
    };
    const timer = setTimeout(go, seconds * 1000);
    window.addEventListener("online", go);
  });

class Refused extends Error {}

async function ask(url, options) {
  const answer = await fetch(url, {
    ...options,
    headers: { Accept: "application/json", ...options?.headers },
  });
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  if (answer.status < 500 && answer.status !== 429) {
    throw new Refused([said.detail, ...(said.reasons ?? [])].filter(Boolean).pop() ?? "This file was not added.");
  }
  throw new Error(answer.status);
}

// patient tries again while the line is broken, for about an hour.
async function patient(say, work) {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (trouble) {
      if (trouble instanceof Refused || tries > 120) throw trouble;
      const wait = waits[Math.min(tries, waits.length - 1)];
      say("The connection is broken. What was sent is safe. Trying again.");
      await pause(wait);
    }
  }
}

async function send(path, file, name, say) {
  const memory = `msw-upload:${path}:${file.size}:${file.lastModified}`;
  let up;
  const kept = localStorage.getItem(memory);
  if (kept) {
    up = await patient(say, () => ask(`${path}/uploads/${kept}/progress.json`)).catch(() => undefined);
  }
  if (!up || up.page) {
    up = await patient(say, () =>
      ask(`${path}/uploads.json`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ name: file.name, page: name, size: file.size }),
      }),
    );
    localStorage.setItem(memory, up.id);
  }
  const count = Math.ceil(file.size / up.part_bytes);
  const safe = new Set(up.parts);
  try {
    for (let n = 0; n < count; n++) {
      if (safe.has(n)) continue;
      say(`Sending: ${Math.floor((100 * n) / count)}%`, n / count);
      const part = file.slice(n * up.part_bytes, (n + 1) * up.part_bytes);
      await patient(say, () =>
        ask(`${path}/uploads/${up.id}/part.json?number=${n}`, {
          method: "POST",
          headers: { "Content-Type": "application/octet-stream" },
          body: part,
        }),
      );
    }
    say("Checking the file", 1);
    const done = await patient(say, () => ask(`${path}/uploads/${up.id}/finish.json`, { method: "POST" }));
    localStorage.removeItem(memory);
    return done.said;
  } catch (trouble) {
    if (trouble instanceof Refused) localStorage.removeItem(memory); // else what was sent is taken up again
    throw trouble;
  }
}

export function upload(place) {
  const form = place.querySelector("form");
  const input = form.querySelector("input[type=file]");
  const status = place.querySelector("[data-upload-status]");
  input.multiple = true;
  let busy = false;

  const row = (file) => {
    const line = document.createElement("p");
    const title = document.createElement("bdi");
    title.textContent = file.name.slice(0, 60);
    const words = document.createElement("span");
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", "Progress");
    line.append(title, ": ", words, " ", bar);
    status.append(line);
    return (text, part) => {
      words.textContent = text;
      if (part !== undefined) bar.value = part;
      if (part === undefined && !text.startsWith("The connection")) bar.remove();
    };
  };

  async function all(files) {
    if (busy || files.length === 0) return;
    busy = true;
    status.replaceChildren();
    let refused = false;
    let added = false;
    const name = form.querySelector("input[name=name]").value;
    for (const file of files) {
      const say = row(file);
      try {
        say(await send(place.dataset.upload, file, name, say));
        added = true;
      } catch (trouble) {
        refused = true;
        say(trouble instanceof Refused ? trouble.message : "Not sent. Choose the file again: we go on where it stopped.");
      }
    }
    busy = false;
    input.value = "";
    if (!refused) window.location.reload();
    else if (added) {
      const more = document.createElement("a");
      more.href = place.dataset.upload;
      more.textContent = "Show the pages that were added";
      status.append(more);
    }
  }

  form.addEventListener("submit", (event) => {
    if (input.files.length === 0) return;
    event.preventDefault();
    all([...input.files]);
  });
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    all([...event.dataTransfer.files]);
  });
}
