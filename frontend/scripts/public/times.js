// Shows times in the reader's zone. The service writes them in UTC, as they are without the script.

const { lang } = document.documentElement;
const locale = lang === "en" ? "en-GB" : lang; // day before month, as the service writes it
const format = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" };

for (const time of document.querySelectorAll("time")) {
  time.textContent = new Date(time.dateTime).toLocaleString(locale, format);
}
