// The validation rules: the service's error codes, in its order; the service validates again. An input
// names its rule in `data-rule`, and has its limit and the messages for the codes beside it.

const outerSpace = /^\p{White_Space}+|\p{White_Space}+$/gu; // trim() removes other characters
const space = /\p{White_Space}+/u;

// Control characters, bidirectional controls, the replacement character, private use.
const forbidden = /[\p{Cc}\p{Co}\u202A-\u202E\u2066-\u2069\uFFFD]/u;
const letter = /\p{L}/u;

const ascii = /^[\0-\x7F]*$/;
const asciiOutsideDomains = /(?![a-zA-Z0-9.-])[\0-\x7F]/;

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, with at least one dot.
const local = /[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+/.source;
const label = /[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?/.source;
const address = new RegExp(`^${local}@${label}(?:\\.${label})+$`);

const rules = {
  name(text, limit) {
    const name = text.normalize("NFC").split(space).filter(Boolean).join(" ");
    if (!name) return "required";
    if ([...name].length > limit) return "too_long";
    if (forbidden.test(name) || !letter.test(name)) return "invalid_characters";
  },

  email(text, limit) {
    const typed = text.replace(outerSpace, "");
    if (!typed) return "required";
    if (bytes(typed) > limit) return "too_long";
    const email = withAsciiDomain(typed);
    if (!address.test(email)) return "invalid_email";
    if (bytes(email) > limit) return "too_long";
  },
};

// The code of the first check of `rule` that `text` fails, or "".
export function check(rule, text, limit) {
  return rules[rule](text, limit) ?? "";
}

function bytes(text) {
  return new TextEncoder().encode(text).length;
}

// The address with its domain in ASCII (Punycode), or "" where it has no ASCII form.
function withAsciiDomain(email) {
  if (ascii.test(email)) return email;
  const at = email.lastIndexOf("@");
  const domain = email.slice(at + 1);
  // The URL parser would end the host at these, or remove them.
  if (at < 0 || asciiOutsideDomains.test(domain)) return "";
  try {
    // With this last label, a domain that ends in digits is not parsed as an IPv4 address.
    const { hostname } = new URL(`http://${domain}.x`);
    return email.slice(0, at + 1) + hostname.slice(0, -2);
  } catch {
    return "";
  }
}
