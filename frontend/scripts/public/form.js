// The registration form's script: what happens when a person types, presses and waits, and what they
// see of it. Every word comes from the page or from the service. Without it the browser posts the form.

import { clearDraft, restoreDraft, saveDraft } from "./draft.js";
import { check } from "./rules.js";
import { startSubmission } from "./submission.js";
import { flush, mark } from "./trace.js";

const find = (id) => document.getElementById(id);
const form = find("registration");
const button = form.querySelector("button");
const inputs = [...form.querySelectorAll("input[data-rule]")];
const words = form.dataset;
const title = document.title.replace(words.errorPrefix, "");

// The service takes a form that comes back sooner for a robot's.
const ready = new Promise((resolve) => setTimeout(resolve, Number(words.minimumFillTime)));

let submission; // the one on its way

function write(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

function setAttribute(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

function showStatus(text, sending) {
  find("status").textContent = text;
  for (const input of inputs) input.readOnly = Boolean(sending); // what is sent is what is shown
  setAttribute(button, "aria-disabled", sending && "true");
}

function showError(input, message) {
  const hint = find(`${input.name}-hint`);
  const error = find(`${input.name}-error`);
  write(error, message);
  setAttribute(input, "aria-invalid", message && "true");
  const descriptions = [hint?.id, message && error.id];
  setAttribute(input, "aria-describedby", descriptions.filter(Boolean).join(" "));
}

// Shows these messages at their fields, and the notice. Nothing of both: no problem.
function showProblem(messages, notice = "", reference = "") {
  for (const input of inputs) {
    const message = messages.get(input.name) ?? "";
    showError(input, message);
    const link = find("error-list").querySelector(`[href="#${input.name}"]`);
    link.textContent = message;
    link.parentElement.hidden = !message;
  }
  find("announcement").textContent = "";
  write(find("notice"), notice);
  find("support-reference").textContent = reference;
  find("support").hidden = !reference;
  find("error-list").hidden = messages.size === 0;
  const isProblem = Boolean(messages.size || notice);
  find("error-summary").hidden = !isProblem;
  document.title = (isProblem ? words.errorPrefix : "") + title;
  if (isProblem) find("error-summary").focus();
}

function codeOf({ dataset, value }) {
  return check(dataset.rule, value, Number(dataset.limit));
}

// The words for `too_long` are in `data-too-long`.
function messageOf(input, code) {
  return input.dataset[code.replace(/_./g, ([, letter]) => letter.toUpperCase())] ?? "";
}

function report({ seconds, title }) {
  if (seconds === undefined) return showStatus(words.sending, true);
  if (!navigator.onLine) return showStatus(words.offline);
  showStatus(`${title ? `${title}.` : words.unreachable} ${words.retrying.replace("{seconds}", seconds)}`);
}

async function submit() {
  showProblem(new Map());
  const { website, idempotency_key, ...answers } = Object.fromEntries(new FormData(form));
  const asides = { website: website || undefined, idempotency_key };
  const mine = startSubmission({ url: form.action, answers, asides, ready, report });
  submission = mine;
  const answer = await mine.answer;
  if (submission !== mine) return;
  if (answer?.location) {
    clearDraft();
    // The next person at this computer finds nothing by going back.
    for (const input of inputs) input.defaultValue = "";
    form.reset();
    location.assign(answer.location + new URL(form.action).search);
    return;
  }
  submission = undefined;
  showStatus("");
  if (answer) refuse(answer);
}

function refuse({ code, errors = [], detail = words.unreachable, reference }) {
  if (code === "please_confirm") {
    form.elements.website.value = "";
    form.elements.idempotency_key?.remove();
    reference = null;
  }
  const known = errors.filter(({ field }) => inputs.some(({ name }) => name === field));
  const messages = new Map(known.map(({ field, message }) => [field, message]));
  if (messages.size) showProblem(messages);
  else showProblem(messages, detail, reference ?? "");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (submission) return submission.hurry();
  const wrong = inputs.map((input) => [input, codeOf(input)]).filter(([, code]) => code);
  if (!wrong.length) return submit();
  mark("form_refused", { "registration.error_fields": wrong.map(([{ name }, code]) => `${name}:${code}`).join() });
  showProblem(new Map(wrong.map(([input, code]) => [input.name, messageOf(input, code)])));
});

form.addEventListener("input", () => {
  saveDraft(inputs);
  submission?.stop(); // rather than send what has been changed since
});

form.addEventListener("input", () => mark("form_start"), { once: true });

form.addEventListener("change", ({ target }) => {
  if (!inputs.includes(target)) return;
  const message = messageOf(target, codeOf(target));
  showError(target, message);
  find("announcement").textContent = message; // the summary stays what it was until the next attempt
});

// Leaving a field may change the page, and would move the button away before the pointer lets go of it.
button.addEventListener("mousedown", (event) => event.preventDefault());
button.addEventListener("click", () => button.focus());

// Safari before 14.5 tells a page that is left so, and not that it is hidden.
addEventListener("pagehide", () => {
  submission?.abandon();
  flush();
});

// A page brought back by the Back button wakes up as it was left: sending.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  submission = undefined;
  showStatus("");
});

restoreDraft(inputs);
