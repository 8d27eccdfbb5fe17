// The two links of the bar go to the next and the previous condition from where
// the reader is: their access keys walk through all of them. Without script they
// lead to the first and the last, and each condition leads on to its neighbours.
export function conditions(bar) {
  const all = [...document.querySelectorAll("[data-condition]")];
  const status = bar.querySelector("[data-condition-status]");
  let last = -1;

  function here() {
    const at = all.indexOf(document.activeElement.closest("[data-condition]"));
    return at < 0 ? last : at;
  }

  function go(step) {
    const from = here();
    last = from < 0 && step < 0 ? all.length - 1 : Math.min(Math.max(from + step, 0), all.length - 1);
    const to = all[last];
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "start" });
    status.textContent = `Condition ${last + 1} of ${all.length}: ${to.dataset.condition}`;
  }

  keys();

  for (const link of bar.querySelectorAll("[data-step]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(Number(link.dataset.step));
    });
  }
}

// Browsers do not agree on what to hold with an access key, and some keep Alt and
// a digit for themselves. Here Alt and Shift, on a Mac also Control and Option,
// work in all of them: the attribute goes, so that no key is answered twice. The
// place of the key counts, since with Shift a digit is another sign.
function keys() {
  const targets = new Map();
  for (const target of document.querySelectorAll("[accesskey]")) {
    const key = target.accessKey.toUpperCase();
    targets.set(key, target);
    target.removeAttribute("accesskey");
    target.setAttribute("aria-keyshortcuts", `Alt+Shift+${key}`);
  }
  const mac = navigator.platform.startsWith("Mac");
  document.addEventListener("keydown", (event) => {
    const held = event.altKey && (mac ? event.shiftKey !== event.ctrlKey : event.shiftKey && !event.ctrlKey);
    const target = held && targets.get(/^(?:Key|Digit)(.)$/.exec(event.code)?.[1]);
    if (!target) return;
    event.preventDefault();
    target.focus();
    if (target.href) target.click();
  });
}
