// Every state in which a person may see a page, and the way there: what axe-core looks at, and what
// the screenshots show.

import { button, fillIn, register, submitInVain } from "./form.mjs";

const person = () => ["Zoë", "Nguyễn Văn", `${crypto.randomUUID()}@example.org`];

// The services that these states need, by what configures them.
export const services = {
  usual: {},
  strict: { RATE_LIMIT: "client=1/86400,email=off" },
  outOfOrder: { NO_MIGRATE: "true" },
};

// axe-core needs a browser that runs scripts; the page goes without its own.
async function withoutScript(page) {
  await page.route("**/form.js", (route) => route.fulfill({ contentType: "text/javascript", body: "" }));
  await page.reload();
}

async function sendInVain(page) {
  await fillIn(page, person());
  await submitInVain(page);
}

// `service` is one of the above.
export const states = {
  "the form": { prepare: async () => {} },
  "the form, filled in": { prepare: (page) => fillIn(page, person()) },
  "the form with errors": {
    prepare: async (page) => {
      await fillIn(page, ["", "123", "zoe@example"]);
      await button(page).click();
      await page.locator("#error-summary:focus").waitFor();
    },
  },
  "the form with errors, without JavaScript": {
    prepare: async (page) => {
      await withoutScript(page);
      await fillIn(page, ["", "123", "zoe@example"]);
      await submitInVain(page);
    },
  },
  "a taken address": {
    prepare: async (page) => {
      const taken = person();
      await register(page, taken);
      await page.goto("/");
      await fillIn(page, ["Another", ...taken.slice(1)]);
      await submitInVain(page);
    },
  },
  "the success page": { prepare: (page) => register(page, person()) },
  "a page that is not there": { prepare: (page) => page.goto("/no-such-page") },
  "an outage of the success page": {
    service: "outOfOrder",
    prepare: (page) => page.goto("/students/0190163d-8694-739b-aea5-966c26f8ad91"),
  },
  "too many requests": {
    service: "strict",
    prepare: async (page) => {
      await withoutScript(page);
      await page.request.post("/register", { data: {} }); // the only one for today
      await sendInVain(page);
    },
  },
  "an outage, without JavaScript": {
    service: "outOfOrder",
    prepare: async (page) => {
      await withoutScript(page);
      await sendInVain(page);
    },
  },
  "an outage": {
    service: "outOfOrder",
    prepare: async (page) => {
      await fillIn(page, person());
      await button(page).click();
      await page.locator("button:not([aria-disabled]) + #status:not(:empty)").waitFor(); // until it tries again
    },
  },
  "offline": {
    prepare: async (page) => {
      await fillIn(page, person());
      await page.context().setOffline(true);
      await button(page).click();
      await page.locator("#status:not(:empty)").waitFor();
    },
  },
};
