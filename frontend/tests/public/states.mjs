// Every state of every page, and the steps to it: for axe-core and for the screenshots.

import { applicant } from "./applicant.mjs";
import { button, fillIn, register, submitInvalid } from "./form.mjs";

// The configurations of the services that these states need.
export const services = {
  usual: {},
  strict: { RATE_LIMIT: "client=1/86400,email=off" },
  outOfOrder: { NO_MIGRATE: "true" },
};

// axe-core needs JavaScript, so only the page's own script is removed.
async function withoutScript(page) {
  await page.route("**/form.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.reload();
}

async function submitRefused(page, changes) {
  await fillIn(page, applicant(changes));
  await submitInvalid(page);
}

const withErrors = { first_name: "", last_name: "123", email: "zoe@example" };

// `service` is a key of `services`.
export const states = {
  "the form": { prepare: async () => {} },
  "the form, filled in": { prepare: (page) => fillIn(page, applicant()) },
  "the form with errors": { prepare: (page) => submitRefused(page, withErrors) },
  "the form with errors, without JavaScript": {
    prepare: async (page) => {
      await withoutScript(page);
      await submitRefused(page, withErrors);
    },
  },
  "a taken address": {
    prepare: async (page) => {
      const { email } = applicant();
      await register(page, applicant({ email }));
      await page.goto("/");
      await submitRefused(page, { first_name: "Another", email });
    },
  },
  "the success page": { prepare: (page) => register(page, applicant()) },
  "a page that is not there": { prepare: (page) => page.goto("/no-such-page") },
  "an outage of the success page": {
    service: "outOfOrder",
    prepare: (page) => page.goto("/students/0190163d-8694-739b-aea5-966c26f8ad91"),
  },
  "too many requests": {
    service: "strict",
    prepare: async (page) => {
      await withoutScript(page);
      await page.request.post("/register", { data: {} }); // uses up the day's quota
      await submitRefused(page);
    },
  },
  "an outage, without JavaScript": {
    service: "outOfOrder",
    prepare: async (page) => {
      await withoutScript(page);
      await submitRefused(page);
    },
  },
  "an outage": {
    service: "outOfOrder",
    prepare: async (page) => {
      await fillIn(page, applicant());
      await button(page).click();
      await page.locator("button:not([aria-disabled]) + #status:not(:empty)").waitFor(); // until the retry's delay
    },
  },
  "offline": {
    prepare: async (page) => {
      await fillIn(page, applicant());
      await page.context().setOffline(true);
      await button(page).click();
      await page.locator("#status:not(:empty)").waitFor();
    },
  },
};
