// The review: the next application is there before it is asked for, and a key decides.

import { announce, find, isTyping } from "./desk.js";
import { fail, load, send, showBar } from "./exchange.js";
import { showTimes } from "./times.js";

let ahead; // the page behind this application

function prepare() {
  const skip = find("skip");
  ahead = skip && load(skip.href).catch(() => undefined);
  find("application")?.focus({ preventScroll: true });
}

// Shows the results of a page; whether it has any.
function show(page) {
  const results = page?.getElementById("results");
  if (!results) return false;
  find("results").replaceWith(document.adoptNode(results));
  showTimes(find("results"));
  announce(find("name")?.textContent ?? find("results").querySelector("h2").textContent);
  return true;
}

let saving = Promise.resolve(); // decisions are sent one after the other

// Shows the next application while this decision is saved.
async function decide(form, data) {
  const next = await ahead;
  const isShown = next && show(next.page);
  if (isShown) {
    history.replaceState(null, "", next.response.url);
    prepare();
  }
  saving = saving.then(() => save(form, data, isShown));
}

async function save(form, data, isShown) {
  try {
    const { response, page } = await load(form.action, { method: "POST", body: new URLSearchParams(data) });
    if (!page.getElementById("results")) return send(form, data);
    showBar(page);
    if (isShown && find("application")) find("progress").textContent = page.getElementById("progress").textContent;
    else if (show(page)) {
      history.replaceState(null, "", response.url);
      prepare();
    }
  } catch {
    fail();
  }
}

document.addEventListener("click", async (event) => {
  if (!event.target.closest("#skip") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const { href } = find("skip");
  const next = await ahead;
  if (!next || !show(next.page)) return location.assign(href);
  history.pushState(null, "", next.response.url);
  prepare();
});

addEventListener("popstate", () => location.reload());

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("#application")) return;
  event.preventDefault();
  const data = new FormData(form);
  if (event.submitter?.name) data.set(event.submitter.name, event.submitter.value);
  if (data.get("to") === "rejected" && !isComplete(data)) return form.requestSubmit ? send(form, data) : form.submit();
  decide(form, data);
});

// Whether a rejection says why: otherwise the service shows what is missing.
const isComplete = (data) => data.has("reason_code") && (data.get("reason_code") !== "other" || data.get("note").trim());

const press = (to) => find("decision").querySelector(`button[value="${to}"]`)?.click();

function startRejecting() {
  find("reject").open = true;
  find("reason").focus();
}

// A number chooses the reason; one that needs a note waits for it.
function chooseReason(number) {
  const reason = find("reject").querySelectorAll("[name=reason_code]")[number - 1];
  if (!find("reject").open || !reason) return;
  reason.checked = true;
  if (reason.value === "other") find("note").focus();
  else reason.form.requestSubmit();
}

const actions = {
  a: () => press("confirmed"),
  w: () => press("waitlisted"),
  r: startRejecting,
  s: () => find("skip")?.click(),
  n: () => {
    find("reject").open = true;
    find("note").focus();
  },
  u: () => find("bar").querySelector("[data-undo]")?.click(),
  Enter: () => find("open").click(),
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  const isHere = target.closest("#application") && "shortcuts" in find("results").dataset;
  if (!isHere || event.ctrlKey || event.metaKey || event.altKey || isTyping(target)) return;
  if (/^[1-9]$/.test(key)) return chooseReason(Number(key));
  const action = actions[key];
  if (!action || (key === "Enter" && target !== find("application"))) return;
  event.preventDefault();
  action();
});

prepare();
