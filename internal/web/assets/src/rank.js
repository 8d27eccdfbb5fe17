// Ordering a list with data-rank="/path": by buttons without loading a page, by
// dragging, or by numbers, saved after each change. Without script the same
// form is sent by its buttons.
export function rank(place) {
  const form = place.querySelector("form");
  const list = form.querySelector("[data-rank-list]");
  const status = form.querySelector("[data-rank-status]");
  const items = () => [...list.querySelectorAll("[data-rank-item]")];
  const say = (text) => {
    status.textContent = text;
  };
  let timer, running, again;

  const number = () =>
    items().forEach((item, i) => {
      item.querySelector("input[name=rank]").value = i + 1;
      for (const button of item.querySelectorAll("button[name=do]")) {
        button.value = `${button.value.split(":")[0]}:${i + 1}`;
      }
    });

  async function save() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    const body = new URLSearchParams(new FormData(form));
    body.set("idempotency-key", crypto.randomUUID());
    try {
      const answer = await fetch(place.dataset.rank, {
        method: "POST",
        body,
        headers: { Accept: "application/json" },
      });
      if (!answer.ok) throw new Error(answer.status);
      const said = await answer.json();
      form.elements.version.value = said.version;
      if (!again) say(`Saved at ${said.saved}.`);
    } catch {
      again = false;
      say("Not saved. Press “Save this order”, or load the page again.");
    }
    running = false;
    if (again) save();
  }

  const changed = (item) => {
    number();
    const at = items().indexOf(item) + 1;
    say(
      `${item.querySelector("[data-rank-title]").textContent}: now number ${at} of ${items().length}. Saving.`,
    );
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  };

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-rank-up], [data-rank-down]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("[data-rank-item]");
    const up = button.hasAttribute("data-rank-up");
    const other = up ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (up) other.before(item);
    else other.after(item);
    button.focus();
    changed(item);
  });

  list.addEventListener("change", (event) => {
    const item = event.target.closest("[data-rank-item]");
    const wanted = Number(event.target.value);
    if (!item || !Number.isInteger(wanted) || wanted < 1) return;
    const others = items().filter((one) => one !== item);
    const before = others[wanted - 1];
    if (before) before.before(item);
    else list.append(item);
    event.target.focus();
    changed(item);
  });

  list.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-rank-handle]");
    if (!handle) return;
    event.preventDefault();
    const item = handle.closest("[data-rank-item]");
    let moved = false;
    item.classList.add("msw-rank__item--held");
    const over = (move) => {
      for (const one of items()) {
        if (one === item) continue;
        const box = one.getBoundingClientRect();
        if (move.clientY < box.top || move.clientY > box.bottom) continue;
        if (move.clientY < box.top + box.height / 2) one.before(item);
        else one.after(item);
        moved = true;
      }
    };
    const drop = () => {
      item.classList.remove("msw-rank__item--held");
      window.removeEventListener("pointermove", over);
      window.removeEventListener("pointerup", drop);
      window.removeEventListener("pointercancel", drop);
      if (moved) changed(item);
    };
    window.addEventListener("pointermove", over);
    window.addEventListener("pointerup", drop);
    window.addEventListener("pointercancel", drop);
  });
  place.dataset.rankReady = "";
}
