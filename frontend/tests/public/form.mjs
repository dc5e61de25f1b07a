// What a person does with the form, and what they see of it.

// Where the form is sent, in any language.
export const action = /\/register(\?.*)?$/;

export const names = ["first_name", "last_name", "email"];

export async function fillIn(page, values) {
  for (const [index, name] of names.entries()) {
    await page.locator(`#${name}`).fill(values[index]);
  }
}

export function button(page) {
  return page.locator("button[type=submit]");
}

export async function register(page, values) {
  await fillIn(page, values);
  await button(page).click();
  await page.locator("#registration-number").waitFor();
}

// Presses the button, and waits until the page shows what is wrong.
export async function submitInVain(page) {
  await button(page).click();
  await page.locator("#error-summary:focus").waitFor();
}

// The same, where it is the service that refuses. Gives the status of its answer.
export async function submitRefused(page) {
  const answer = page.waitForResponse((response) => action.test(response.url()));
  await submitInVain(page);
  return (await answer).status();
}

export function values(page) {
  return Promise.all(names.map((name) => page.locator(`#${name}`).inputValue()));
}

// The messages beside the fields, in the order of the form; "" where there is none.
export function messages(page) {
  return Promise.all(names.map((name) => visibleText(page, `#${name}-error`)));
}

// The messages in the summary, as [field, words].
export async function summary(page) {
  const links = await page.locator("#error-list a:visible").all();
  return Promise.all(
    links.map(async (link) => [(await link.getAttribute("href")).slice(1), await link.innerText()]),
  );
}

export async function visibleText(page, selector) {
  const element = page.locator(selector);
  return (await element.isVisible()) ? element.innerText() : "";
}
