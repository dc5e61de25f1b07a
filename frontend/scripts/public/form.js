// The registration form: handles its events and shows errors and progress. Its fields are the inputs
// with `data-rule`; all texts come from the page or the service. Without the script the browser posts the form.

import { clearDraft, restoreDraft, saveDraft } from "./draft.js";
import { check } from "./rules.js";
import { startSubmission } from "./submission.js";
import { flush, mark } from "./trace.js";

const find = (id) => document.getElementById(id);
const form = find("registration");
const honeypot = find("website");
const button = form.querySelector("button");
const inputs = [...form.querySelectorAll("input[data-rule]")];
const answers = () => Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
const texts = form.dataset;
const title = document.title.replace(texts.errorPrefix, "");

// The service takes a form that is sent sooner for a bot's.
const ready = new Promise((resolve) => setTimeout(resolve, Number(texts.minimumFillTime)));

let submission; // the one in progress

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
  for (const input of inputs) input.readOnly = Boolean(sending); // the page shows what is being sent
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

// Shows the messages by field, and the notice. With neither, clears the errors.
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
  document.title = (isProblem ? texts.errorPrefix : "") + title;
  if (isProblem) find("error-summary").focus();
}

function codeOf({ dataset, value }) {
  return check(dataset.rule, value, Number(dataset.limit));
}

// The text for the code `too_long` is in `data-too-long`.
function messageOf(input, code) {
  return input.dataset[code.replace(/_./g, ([, letter]) => letter.toUpperCase())] ?? "";
}

function report({ seconds, title }) {
  if (seconds === undefined) return showStatus(texts.sending, true);
  if (!navigator.onLine) return showStatus(texts.offline);
  showStatus(`${title ? `${title}.` : texts.unreachable} ${texts.retrying.replace("{seconds}", seconds)}`);
}

async function submit() {
  showProblem(new Map());
  const extras = { website: honeypot.value || undefined, idempotency_key: form.elements.idempotency_key?.value };
  const started = startSubmission({ url: form.action, answers: answers(), extras, ready, report });
  submission = started;
  const result = await started.result;
  if (submission !== started) return;
  if (result?.location) {
    clearDraft();
    // The Back button shows the next applicant an empty form.
    for (const input of inputs) input.defaultValue = "";
    form.reset();
    location.assign(result.location + new URL(form.action).search);
    return;
  }
  submission = undefined;
  showStatus("");
  if (result) showRefusal(result);
}

function showRefusal({ code, errors = [], detail = texts.unreachable, reference }) {
  if (code === "please_confirm") {
    honeypot.value = "";
    honeypot.disabled = true; // a browser that fills it in again is not asked again
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
  if (submission) return submission.retryNow();
  const invalid = inputs.map((input) => [input, codeOf(input)]).filter(([, code]) => code);
  if (!invalid.length) return submit();
  mark("form_refused", { "registration.error_fields": invalid.map(([{ name }, code]) => `${name}:${code}`).join() });
  showProblem(new Map(invalid.map(([input, code]) => [input.name, messageOf(input, code)])));
});

form.addEventListener("input", () => {
  saveDraft(answers());
  submission?.cancel(); // a retry would send the old answers
});

form.addEventListener("input", () => mark("form_start"), { once: true });

form.addEventListener("change", ({ target }) => {
  if (!inputs.includes(target)) return;
  const message = messageOf(target, codeOf(target));
  showError(target, message);
  find("announcement").textContent = message; // the summary changes at the next submit only
});

// Focus stays in the field until the click: its change event could move the button away from the pointer.
button.addEventListener("mousedown", (event) => event.preventDefault());
button.addEventListener("click", () => button.focus());

// Safari before 14.5 fires `pagehide` without `visibilitychange`.
addEventListener("pagehide", () => {
  submission?.abandon();
  flush();
});

// The back/forward cache restores a page in the state in which it was left: sending.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  submission = undefined;
  showStatus("");
});

restoreDraft(inputs);
