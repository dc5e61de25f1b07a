// Shows times in the reader's zone. The service writes them in UTC, as they are without the script.

const { lang } = document.documentElement;
const locale = lang === "en" ? "en-GB" : lang; // day before month, as the service writes it
const clock = { day: "numeric", year: "numeric", hour: "2-digit", minute: "2-digit" };
const full = { ...clock, month: "long", timeZoneName: "short" };
const short = { ...clock, month: "short" };
const hour = { hour: clock.hour, minute: clock.minute };

export function showTimes(root = document) {
  for (const time of root.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    const form = "short" in time.dataset ? short : "hour" in time.dataset ? hour : full;
    time.textContent = date.toLocaleString(locale, form);
    if (form !== full) time.title = date.toLocaleString(locale, full);
  }
}

showTimes();
