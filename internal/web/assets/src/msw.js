// What makes pages nicer where a browser runs script. Every page works without.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, Header,
  NotificationBanner, Radios, Scroll, SkipLink, Table, Tabs, createAll,
} from "nhsuk-frontend";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
for (const component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, FileUpload, Header,
  NotificationBanner, Radios, Scroll, SkipLink, Table, Tabs,
]) {
  createAll(component);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const status = button.parentElement.querySelector("[data-copy-status]");
    const text = document.querySelector(button.dataset.copy);
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(text.textContent.trim());
    } catch {
      window.getSelection().selectAllChildren(text);
      said = "Selected: copy it with your keyboard";
    }
    if (status) {
      status.textContent = said;
      status.classList.remove("nhsuk-u-visually-hidden");
    }
  });
}

const inputs = document.querySelectorAll("input[data-suggest]");
if (inputs.length > 0) {
  import("./suggest.js").then(({ suggest }) => inputs.forEach(suggest));
}

const ranked = document.querySelectorAll("[data-rank]");
if (ranked.length > 0) {
  import("./rank.js").then(({ rank }) => ranked.forEach(rank));
}

for (const bar of document.querySelectorAll("[data-conditions]")) {
  import("./conditions.js").then(({ conditions }) => conditions(bar));
}

const uploads = document.querySelectorAll("[data-upload]");
if (uploads.length > 0) {
  import("./upload.js").then(({ upload }) => uploads.forEach(upload));
}
