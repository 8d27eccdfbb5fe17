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

  for (const link of bar.querySelectorAll("[data-step]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go(Number(link.dataset.step));
    });
  }
}
