// What every page of the office does with JavaScript: times, the key for the search box, the menu, the
// announcement of what was done. Every page works without it.

import "./times.js";

export const find = (id) => document.getElementById(id);

// Tells screen readers, once: by default the text of the bar without its link and button. A region announces only
// what changes after loading.
export function announce(text = barText()) {
  find("status").textContent = "";
  setTimeout(() => (find("status").textContent = text.replace(/\s+/g, " ").trim()), 50);
}

function barText() {
  const bar = find("bar").cloneNode(true);
  for (const control of bar.querySelectorAll("a, form")) control.remove();
  return bar.textContent;
}

export function isTyping(element) {
  return element.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog") !== null;
}

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key === "/" && find("q") && !isTyping(target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    find("q").select();
    find("q").focus();
  }
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.form?.method === "post") {
    target.form.requestSubmit?.();
  }
  const menu = target.closest("details.menu[open]");
  if (key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", ({ target }) => {
  const menu = document.querySelector("details.menu[open]");
  if (menu && !menu.contains(target)) menu.open = false;
});

// A form is sent once, however often its button is pressed; the list sends its own.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
});

// The back/forward cache restores a page as it was left: sent.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// The reasons for a rejection are in a closed element; the list's link leads into it.
function openTarget() {
  const target = find(location.hash.slice(1));
  if (target?.localName !== "details") return;
  target.open = true;
  target.scrollIntoView();
  target.querySelector("input:not([type=hidden])").focus();
}

addEventListener("hashchange", openTarget);
addEventListener("load", () => setTimeout(openTarget)); // after the browser has scrolled to the target itself

for (const button of document.querySelectorAll("button[data-copy]")) {
  const input = find(button.dataset.copy);
  if (!navigator.clipboard) break; // not over http
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(input.value).catch(() => input.select());
    button.textContent = button.dataset.copied;
    announce(button.dataset.copied);
  });
}

if (find("bar").textContent.trim()) announce();
