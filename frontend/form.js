// The registration form's script: sends the answers without leaving the page and shows what came
// back. Every word comes from the page or from the service. Without it the browser posts the form.

const find = (id) => document.getElementById(id);
const form = find("registration");
const button = form.querySelector("button");
const inputs = [...form.querySelectorAll("input")];
const words = form.dataset;
const title = document.title.replace(words.errorPrefix, "");
const longestWait = 30_000; // milliseconds

let sending = false;

function setSending(now) {
  sending = now;
  find("status").textContent = now ? words.sending : "";
  if (now) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

function write(element, text) {
  element.textContent = text;
  element.hidden = !text;
}

function setAttribute(element, name, value) {
  if (value) element.setAttribute(name, value);
  else element.removeAttribute(name);
}

function showProblem(messages, notice) {
  for (const input of inputs) {
    const message = messages.get(input.name) ?? "";
    const hint = find(`${input.name}-hint`);
    const error = find(`${input.name}-error`);
    const link = find("error-list").querySelector(`[href="#${input.name}"]`);
    write(error, message);
    link.textContent = message;
    link.parentElement.hidden = !message;
    setAttribute(input, "aria-invalid", message && "true");
    const descriptions = [hint?.id, message && error.id];
    setAttribute(input, "aria-describedby", descriptions.filter(Boolean).join(" "));
  }
  write(find("notice"), notice);
  find("error-list").hidden = messages.size === 0;
  find("error-summary").hidden = false;
  document.title = words.errorPrefix + title;
  find("error-summary").focus();
}

// Throws when no answer comes, or one that is not the service's.
async function send() {
  const response = await fetch(form.action, {
    method: "POST",
    headers: {
      "Accept": "application/json, application/problem+json",
      "Content-Type": "application/json",
    },
    body: JSON.stringify(Object.fromEntries(new FormData(form))),
    signal: AbortSignal.timeout?.(longestWait),
  });
  if (response.status === 201) {
    form.reset(); // the next person at this computer finds nothing by going back
    location.assign(response.headers.get("Location"));
    return;
  }
  const { errors = [], detail } = await response.json();
  const known = errors.filter(({ field }) => inputs.some(({ name }) => name === field));
  const messages = new Map(known.map(({ field, message }) => [field, message]));
  setSending(false);
  showProblem(messages, messages.size ? "" : (detail ?? words.unreachable));
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (sending) return;
  setSending(true);
  try {
    await send();
  } catch {
    setSending(false);
    showProblem(new Map(), words.unreachable);
  }
});

// A page brought back by the Back button wakes up as it was left: sending.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) setSending(false);
});
