// An operation that is under way: asks for its page again until it is done.

import { announce, find } from "./desk.js";
import { load } from "./exchange.js";
import { showTimes } from "./times.js";

const interval = 1000; // milliseconds

async function refresh() {
  try {
    const { page } = await load(location.href);
    const results = page.getElementById("results");
    if (!results) return location.reload(); // signed out
    document.title = page.title;
    const hadFocus = find("results").contains(document.activeElement);
    find("results").replaceWith(document.adoptNode(results));
    showTimes(results);
    if (hadFocus) find("main").focus();
  } catch {
    // The next time may succeed.
  }
  if ("running" in find("results").dataset) setTimeout(refresh, interval);
  else announce(find("results").querySelector("h1").textContent);
}

setTimeout(refresh, interval);
