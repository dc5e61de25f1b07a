// Whether a matcher's value can be met by what is known.

import { VARIABLE } from "./variables.mjs";

const SHOWN = 12;

// Says what is wrong, or gives undefined. `known` are the values that there are; null, if nobody knows. Values are
// matched whole, as labels are, unless `part` is set, as for lines of a log.
export function wrongValue(operator, value, known, { part = false } = {}) {
  if (value === undefined) return "has an escape that is none; write it in backquotes";
  const isRegex = operator.includes("~");
  if (isRegex && !compile(value, part)) return `is not a regular expression: \`${value}\``;
  if (value === "" || !known) return undefined;
  const values = [...known];
  const isMet = (one) => {
    const regex = isRegex && compile(one, part);
    return (
      one.includes(VARIABLE) ||
      values.some((actual) => (regex ? regex.test(actual) : part ? actual.includes(one) : actual === one))
    );
  };
  const unmet = (isRegex ? alternatives(value) : [value]).find((one) => !isMet(one));
  if (unmet === undefined) return undefined;
  return `${isRegex ? "matches none of the known values" : "is not a known value"}: \`${unmet}\`, known are ${brief(values)}`;
}

// Each of `one|other` must match something, where it is as simple as that.
const alternatives = (regex) => (/[()[\]\\]/.test(regex) ? [regex] : regex.split("|"));

// RE2 has no look-around and no back references; JavaScript knows the rest that is used here.
function compile(value, part) {
  const flags = /^\(\?([is]+)\)/.exec(value);
  const body = flags ? value.slice(flags[0].length) : value;
  try {
    return new RegExp(part ? body : `^(?:${body})$`, `s${flags?.[1].includes("i") ? "i" : ""}`);
  } catch {
    return undefined;
  }
}

export function brief(values) {
  const list = [...values].sort();
  const shown = list.slice(0, SHOWN).map((value) => `\`${value}\``);
  return `${shown.join(", ")}${list.length > SHOWN ? ` and ${list.length - SHOWN} more` : ""}` || "none";
}
