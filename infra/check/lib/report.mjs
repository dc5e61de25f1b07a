// What the checks found, and how much they looked at.

export class Report {
  findings = [];
  counts = {};

  // `wrong` says what is wrong and `remedy` what to do about it.
  finding(file, place, wrong, remedy) {
    const message = `${file}: ${place ? `${place}: ` : ""}${wrong}. ${remedy}.`;
    if (!this.findings.includes(message)) this.findings.push(message);
  }

  count(kind, number = 1) {
    this.counts[kind] = (this.counts[kind] ?? 0) + number;
  }
}
