// Type-ahead for inputs with data-suggest="/path": asks the path for ?q= and
// offers the answers. The chosen answer's value goes along as NAME-value.
import accessibleAutocomplete from "accessible-autocomplete";

const escaped = (text) =>
  String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const wordOf = (answer) =>
  (typeof answer === "string" ? answer : answer?.text) ?? "";

function asker(path) {
  let timer, running;
  return (query, show) => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      const url = new URL(path, window.location.href);
      url.searchParams.set("q", query);
      try {
        const response = await fetch(url, {
          headers: { Accept: "application/json" },
          signal: running.signal,
        });
        show(response.ok ? await response.json() : []);
      } catch (error) {
        if (error.name !== "AbortError") show([]);
      }
    }, 150);
  };
}

// What the plain input was described by is said before the help of the list.
function description(input) {
  const ids = (input.getAttribute("aria-describedby") ?? "").split(" ");
  return ids
    .map((id) => id && document.getElementById(id)?.textContent.trim())
    .filter(Boolean)
    .join(". ");
}

export function suggest(input) {
  const place = document.createElement("div");
  const chosen = document.createElement("input");
  chosen.type = "hidden";
  chosen.name = `${input.name}-value`;
  chosen.value = input.dataset.suggestValue ?? "";
  const said = description(input);
  let text = input.value;
  input.replaceWith(place);
  place.after(chosen);
  accessibleAutocomplete({
    element: place,
    id: input.id,
    name: input.name,
    defaultValue: input.value,
    inputClasses: input.className,
    minLength: 2,
    confirmOnBlur: false,
    showNoOptionsFound: true,
    source: asker(input.dataset.suggest),
    templates: {
      inputValue: wordOf,
      suggestion: (answer) => {
        const hint = answer?.hint
          ? `<span class="msw-suggest__hint">${escaped(answer.hint)}</span>`
          : "";
        return escaped(wordOf(answer)) + hint;
      },
    },
    onConfirm: (answer) => {
      if (answer === undefined) return;
      text = wordOf(answer);
      chosen.value = typeof answer === "string" ? "" : (answer.value ?? "");
    },
    tNoResults: () => "Nothing found. You can go on with what you typed.",
    tAssistiveHint: () =>
      `${said ? said + ". " : ""}When there are answers, use the up and down arrows to look through them and Enter to choose. On a touch device, swipe or touch.`,
  });
  const typed = document.getElementById(input.id);
  if (input.dir) typed.dir = input.dir;
  typed.addEventListener("input", () => {
    if (typed.value !== text) chosen.value = "";
  });
}
