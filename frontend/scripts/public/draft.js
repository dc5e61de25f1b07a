// What was typed outlives a reload of the page: kept in this tab only, until it is registered.
// A browser that refuses to store anything keeps no draft.

const place = "registration-draft";

export function saveDraft(inputs) {
  const draft = Object.fromEntries(inputs.map(({ name, value }) => [name, value]));
  try {
    sessionStorage.setItem(place, JSON.stringify(draft));
  } catch {
    // No draft.
  }
}

// Fills what is empty: what the service or the browser has filled in is newer.
export function restoreDraft(inputs) {
  try {
    const draft = JSON.parse(sessionStorage.getItem(place)) ?? {};
    for (const input of inputs) input.value = input.value || (draft[input.name] ?? "");
  } catch {
    // No draft.
  }
}

export function clearDraft() {
  try {
    sessionStorage.removeItem(place);
  } catch {
    // No draft.
  }
}
