// Actions on the form, and what it shows. Answers, values and messages are objects, by field.

import assert from "node:assert/strict";

// The address that the form is sent to, in any language.
export const action = /\/register(\?.*)?$/;

// The names of the fields, in the order of the form.
export async function fieldNames(page) {
  await button(page).waitFor(); // comes after every field
  return page.locator("input[data-rule]").evaluateAll((inputs) => inputs.map(({ name }) => name));
}

export async function fillIn(page, answers) {
  assert.deepEqual(Object.keys(answers), await fieldNames(page), "applicant.mjs and the form have the same fields");
  for (const [name, answer] of Object.entries(answers)) await page.locator(`#${name}`).fill(answer);
}

export function button(page) {
  return page.locator("button[type=submit]");
}

export function waitForConfirmation(page) {
  return page.locator("#registration-number").waitFor();
}

export async function register(page, answers) {
  await fillIn(page, answers);
  await button(page).click();
  await waitForConfirmation(page);
}

// Submits, and waits until the page shows the error summary.
export async function submitInvalid(page) {
  await button(page).click();
  await page.locator("#error-summary:focus").waitFor();
}

// The same where the service refuses. Gives the status of its response.
export async function submitRefused(page) {
  const response = page.waitForResponse((response) => action.test(response.url()));
  await submitInvalid(page);
  return (await response).status();
}

async function ofEachField(page, read) {
  const names = await fieldNames(page);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await read(name)])));
}

export function values(page) {
  return ofEachField(page, (name) => page.locator(`#${name}`).inputValue());
}

// The messages beside the fields that have one.
export async function messages(page) {
  const all = await ofEachField(page, (name) => visibleText(page, `#${name}-error`));
  return Object.fromEntries(Object.entries(all).filter(([, message]) => message));
}

// The messages in the summary, as [field, message].
export async function summary(page) {
  const links = await page.locator("#error-list a:visible").all();
  return Promise.all(links.map(async (link) => [(await link.getAttribute("href")).slice(1), await link.innerText()]));
}

// The fields that the summary lists.
export async function summaryFields(page) {
  return (await summary(page)).map(([field]) => field);
}

export async function visibleText(page, selector) {
  const element = page.locator(selector);
  return (await element.isVisible()) ? element.innerText() : "";
}

// The requests to `action`, in a list that grows.
export function registrationRequests(page) {
  const requests = [];
  page.on("request", (request) => {
    if (action.test(request.url())) requests.push(request);
  });
  return requests;
}
