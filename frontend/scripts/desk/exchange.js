// Asks for pages and takes parts out of them: what the scripts of several pages have in common.

import { announce, find } from "./desk.js";
import { showTimes } from "./times.js";

export async function load(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  return { response, page: new DOMParser().parseFromString(text, "text/html") };
}

export function showBar(page) {
  find("bar").replaceChildren(...page.getElementById("bar").childNodes);
  showTimes(find("bar"));
  if (find("bar").textContent.trim()) announce();
}

export function fail() {
  const bar = document.createElement("p");
  bar.className = "banner";
  bar.dataset.kind = "problem";
  bar.textContent = find("results").dataset.unreachable;
  find("bar").replaceChildren(bar);
  announce();
}

// Sends the form without the script: the service shows the page to sign in, and keeps what was typed.
export function send(form, data) {
  const copy = document.createElement("form");
  copy.method = "post";
  copy.action = form.action;
  for (const [name, value] of data) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    copy.append(input);
  }
  document.body.append(copy);
  copy.submit();
}
