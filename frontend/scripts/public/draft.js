// The draft: what was typed, kept for a reload of this tab until the registration is stored.
// Without storage there is no draft.

const storageKey = "registration-draft";

export function saveDraft(answers) {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(answers));
  } catch {
    // No storage.
  }
}

// Fills empty inputs only: a value from the service or the browser is newer than the draft.
export function restoreDraft(inputs) {
  try {
    const draft = JSON.parse(sessionStorage.getItem(storageKey)) ?? {};
    for (const input of inputs) input.value = input.value || (draft[input.name] ?? "");
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
