// The draft: what was typed, kept for a reload of this tab until the registration is stored, for fifteen
// minutes at most: the next person at a shared computer finds nothing. Without storage there is no draft.

const storageKey = "registration-draft";
const lifetime = 15 * 60 * 1000; // milliseconds

let expiry; // the timer that deletes the draft while the page is open

export function saveDraft(answers) {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify({ answers, time: Date.now() }));
  } catch {
    // No storage.
  }
  expireIn(lifetime);
}

// Fills empty inputs only: a value from the service or the browser is newer than the draft.
export function restoreDraft(inputs) {
  try {
    const { answers, time } = JSON.parse(sessionStorage.getItem(storageKey)) ?? {};
    const left = lifetime - (Date.now() - time);
    if (!(left > 0)) return clearDraft();
    for (const input of inputs) input.value = input.value || (answers[input.name] ?? "");
    expireIn(left);
  } catch {
    // No storage.
  }
}

export function clearDraft() {
  try {
    sessionStorage.removeItem(storageKey);
  } catch {
    // No storage.
  }
}

function expireIn(milliseconds) {
  clearTimeout(expiry);
  expiry = setTimeout(clearDraft, milliseconds);
}
