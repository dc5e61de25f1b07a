// The list: search while typing, decisions in place, and keys. It asks for the addresses of the links and
// forms, and takes #results and #bar out of the page that comes back.

import { announce, find, isTyping } from "./desk.js";
import { fail, load, send, showBar } from "./exchange.js";
import { showTimes } from "./times.js";

const searchDelay = 120; // milliseconds after the last key
const noticeDelay = 300; // milliseconds of waiting until it is said, as in the style sheet

const search = find("search");
const rejecting = find("reject");
const keys = find("keys");
const texts = () => find("results").dataset;

let request; // the search under way

// Marks an element as waiting, and returns what ends it.
function wait(element) {
  element.setAttribute("aria-busy", "true");
  return () => element.removeAttribute("aria-busy");
}

// Puts other results in the place of these. Who was ticked stays so, in the same version.
function replaceResults(results) {
  const ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
  find("results").replaceWith(document.adoptNode(results));
  for (const box of boxes()) box.checked = ticked.has(box.value);
  showTimes(find("results"));
  prepare();
}

// Shows a page that is not the list: that of an operation, or of an error.
function replaceBy(page) {
  document.title = page.title;
  document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
  find("main").focus();
}

// --- Search while typing --------------------------------------------------------------------

async function show(url) {
  request?.abort();
  const current = new AbortController();
  request = current;
  const done = wait(find("results"));
  const notice = setTimeout(() => announce(texts().loading), noticeDelay);
  try {
    const { response, page } = await load(url, { signal: current.signal });
    const results = page.getElementById("results");
    if (!results) return location.assign(url); // signed out, or an error page
    history.replaceState(null, "", response.url);
    const focused = document.activeElement?.id;
    find("languages").replaceWith(page.getElementById("languages"));
    replaceResults(results);
    if (focused && focused !== "q") find(focused)?.focus();
    announce(find("range")?.textContent ?? find("results").querySelector(".panel h2")?.textContent ?? "");
  } catch (error) {
    if (error.name !== "AbortError") fail();
  } finally {
    clearTimeout(notice);
    if (request === current) done();
  }
}

// The address that the search form would go to.
function address() {
  const parameters = [...new FormData(search)].filter(([, value]) => value);
  return `${search.getAttribute("action").split("?")[0]}?${new URLSearchParams(parameters)}`;
}

let timer;
const searchSoon = (delay) => {
  clearTimeout(timer);
  timer = setTimeout(() => show(address()), delay);
};

find("q").addEventListener("input", ({ isComposing }) => isComposing || searchSoon(searchDelay));
find("q").addEventListener("compositionend", () => searchSoon(searchDelay));
search.addEventListener("submit", (event) => {
  event.preventDefault();
  searchSoon(0);
});

// --- Decisions ------------------------------------------------------------------------------

const rowOf = (element) => element?.closest("#list tbody tr");
const rows = () => [...document.querySelectorAll("#list tbody tr")];
const nameOf = (row) => row.querySelector(".name");

async function decide(row, form, data) {
  if (row.hasAttribute("aria-busy")) return;
  find("bar").replaceChildren(); // what it offers to undo is not the last decision any more
  const done = wait(row);
  try {
    const body = new URLSearchParams(data);
    const { page } = await load(form.action, { method: "POST", body });
    if (!page.getElementById("results")) return send(form, data);
    showDecision(row, page);
    showBar(page);
  } catch {
    fail();
  } finally {
    done();
  }
}

// The row as the page has it. A page without the row, because it does not fit the filter any more or others
// have registered since, has its status in the bar: then the row keeps its place and shows that.
function showDecision(row, page) {
  const hadFocus = row.contains(document.activeElement);
  const fresh = page.getElementById(row.id);
  const badge = page.querySelector("#bar .badge");
  if (fresh) {
    row.replaceChildren(...fresh.childNodes);
    showTimes(row);
  } else if (badge) {
    row.querySelector(".badge").replaceWith(badge.cloneNode(true));
    row.querySelector(".decide").replaceChildren();
  }
  const chips = find("chips"); // with the new numbers
  if (row.isConnected && !chips.contains(document.activeElement)) chips.replaceWith(page.getElementById("chips"));
  if (!row.isConnected) return; // the list was read again meanwhile
  if (isRoving()) rove(row, hadFocus);
  else if (hadFocus) nameOf(row).focus();
}

// Undoes what the bar says was done; the list stays where it is.
async function undo(form) {
  if (find("results").hasAttribute("aria-busy")) return;
  const data = new FormData(form);
  const focused = rowOf(document.activeElement)?.id;
  const done = wait(find("results"));
  try {
    const { page } = await load(form.action, { method: "POST", body: new URLSearchParams(data) });
    if (!page.getElementById("chips")) return replaceBy(page);
    replaceResults(page.getElementById("results"));
    const row = focused && find(focused);
    if (row && isRoving()) rove(row, true);
    showBar(page);
  } catch {
    fail();
  } finally {
    done();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.querySelector("[data-undo]")) {
    event.preventDefault();
    undo(form);
    return;
  }
  const row = form.closest("#list tr");
  if (!row) return;
  event.preventDefault();
  const data = new FormData(form);
  if (event.submitter) data.set("to", event.submitter.value);
  decide(row, form, data);
}, { capture: true });

function startRejecting(row) {
  const form = rejecting.querySelector("form");
  const from = row.querySelector(".decide form");
  form.reset();
  form.action = from.action;
  for (const name of ["version", "next"]) form.elements[name].value = from.elements[name].value;
  find("reject-name").textContent = nameOf(row).textContent;
  rejecting.dataset.row = row.id;
  rejecting.showModal();
  form.querySelector("input[type=radio]").focus();
}

rejecting?.addEventListener("submit", (event) => {
  event.preventDefault();
  const row = find(rejecting.dataset.row);
  const form = event.target;
  const data = new FormData(form);
  rejecting.close();
  if (isRoving()) next(row);
  decide(row, { action: form.action }, data);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  if (event.target.closest("#show-keys")) keys.showModal();
  const link = event.target.closest("[data-reject]");
  if (!link || !rejecting.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  startRejecting(rowOf(link));
});

document.addEventListener("change", ({ target }) => {
  if (target.id === "source" || target.id === "task") searchSoon(0);
});

// --- Several at once ---------------------------------------------------------------------------

const boxOf = (row) => row.querySelector(".tick input");
const boxes = () => [...document.querySelectorAll("#list .tick input")];

let lastTicked; // the row from which a range is ticked

function showTicked() {
  const count = boxes().filter((box) => box.checked).length;
  find("ticked").textContent = count ? `(${count})` : "";
  if (count) find("several").open = true;
}

function tick(row, toggled, withRange) {
  const all = rows();
  const from = withRange && lastTicked?.isConnected ? all.indexOf(lastTicked) : all.indexOf(row);
  const to = all.indexOf(row);
  for (const one of all.slice(Math.min(from, to), Math.max(from, to) + 1)) boxOf(one).checked = toggled;
  lastTicked = row;
  showTicked();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#tick-page")) {
    const all = boxes();
    const isOn = !all.every((box) => box.checked);
    for (const box of all) box.checked = isOn;
    showTicked();
  }
  const box = event.target.closest("#list .tick input");
  if (box) tick(rowOf(box), box.checked, event.shiftKey);
});

// --- Keys: the list is one tab stop, on the name of a row -------------------------------------

const isRoving = () => "shortcuts" in texts() && Boolean(keys.showModal);
const controls = (row) => [...row.querySelectorAll("a, button, input[type=checkbox]")];

// Makes this row the tab stop.
function rove(row, focus) {
  for (const other of rows()) for (const control of controls(other)) control.tabIndex = -1;
  nameOf(row).tabIndex = 0;
  if (focus) {
    nameOf(row).focus();
    row.scrollIntoView({ block: "nearest" });
  }
}

function step(row, by) {
  const all = rows();
  const target = all[all.indexOf(row) + by];
  if (target) rove(target, true);
}

const next = (row) => (row.nextElementSibling ? step(row, 1) : rove(row, true));

function within(row, by) {
  const all = controls(row);
  all[all.indexOf(document.activeElement) + by]?.focus();
}

function press(row, to) {
  const button = row.querySelector(`button[value="${to}"]`);
  if (!button) return announce(texts().notPossible.replace("{name}", nameOf(row).textContent));
  const form = button.form;
  const data = new FormData(form);
  data.set("to", to);
  next(row); // the next one is there while this one is saved
  decide(row, form, data);
}

const actions = {
  ArrowDown: (row) => step(row, 1),
  ArrowUp: (row) => step(row, -1),
  j: (row) => step(row, 1),
  k: (row) => step(row, -1),
  ArrowRight: (row) => within(row, 1),
  ArrowLeft: (row) => within(row, -1),
  a: (row) => press(row, "confirmed"),
  w: (row) => press(row, "waitlisted"),
  r: (row) => {
    if (row.querySelector("[data-reject]")) startRejecting(row);
    else announce(texts().notPossible.replace("{name}", nameOf(row).textContent));
  },
  t: (row) => location.assign(`${nameOf(row).href}#checklist`),
  x: (row) => boxOf(row) && tick(row, !boxOf(row).checked, false),
  X: (row) => boxOf(row) && tick(row, true, true),
  u: () => find("bar").querySelector("[data-undo]")?.click(),
  "?": () => keys.showModal(),
  Escape: () => find("q").focus(),
};

document.addEventListener("keydown", (event) => {
  const row = rowOf(event.target);
  const action = actions[event.key];
  if (!row || !action || !isRoving() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  event.preventDefault();
  action(row);
});

function prepare() {
  if (find("tick-page")) {
    find("tick-page").hidden = false;
    showTicked(); // a browser keeps what was ticked
  }
  if (!isRoving()) return;
  if (find("show-keys")) find("show-keys").hidden = false;
  if (rows().length) rove(rows()[0], false);
}

// --- The way back: the address of the list names the row of the student who was opened ------

document.addEventListener("click", (event) => {
  const name = event.target.closest("#list .name");
  if (!name || event.ctrlKey || event.metaKey || event.shiftKey) return;
  history.replaceState(null, "", `#${rowOf(name).id}`);
});

function comeBack() {
  const row = rowOf(find(location.hash.slice(1)));
  if (!row) return;
  if (isRoving()) rove(row, true);
  else nameOf(row).focus();
}

document.addEventListener("focusin", ({ target }) => {
  const row = isRoving() && rowOf(target);
  if (row && target === nameOf(row) && target.tabIndex !== 0) rove(row, false);
});

prepare();
addEventListener("load", () => setTimeout(comeBack)); // after the browser has scrolled to the row itself
