// Shows times in the reader's zone. The service writes them in UTC, as they are without the script.

const { lang } = document.documentElement;
const locale = lang === "en" ? "en-GB" : lang; // day before month, as the service writes it
const clock = { day: "numeric", year: "numeric", hour: "2-digit", minute: "2-digit" };
const full = { ...clock, month: "long", timeZoneName: "short" };
const short = { ...clock, month: "short" };

export function showTimes(root = document) {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    time.textContent = date.toLocaleString(locale, "short" in time.dataset ? short : full);
    if ("short" in time.dataset) time.title = date.toLocaleString(locale, full);
  }
}

showTimes();
