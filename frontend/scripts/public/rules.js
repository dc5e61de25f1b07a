// The validation rules: the service's error codes, in its order; the service validates again. An input
// names its rule in `data-rule`, and has its limit and the messages for the codes beside it.

const blank = /^\p{White_Space}*$/u; // trim() removes other characters
const space = /\p{White_Space}+/u;

// Invisible characters are removed: at the ends of an address; of a name everywhere, except joiners and
// variation selectors between letters, and bidirectional controls, which are refused.
const ends = /^[\p{White_Space}\p{DI}]+|[\p{White_Space}\p{DI}]+$/gu;
const invisible = /(?![\u200C\u200D\p{VS}\u202A-\u202E\u2066-\u2069])\p{DI}/gu;
const withoutLetterBefore = /(^|[^\p{L}\p{M}\u200C\u200D])[\u200C\u200D\p{VS}]+/gu;
const withoutLetterBehind = /[\u200C\u200D\p{VS}]+($|[^\p{L}\p{M}\u200C\u200D])/gu;

// Control characters, private use, noncharacters, bidirectional controls, the replacement character.
const forbidden = /[\p{Cc}\p{Co}\p{NChar}\u202A-\u202E\u2066-\u2069\uFFFD]/u;
const letter = /\p{L}/u;

const ascii = /^[\0-\x7F]*$/;
const asciiOutsideDomains = /(?![a-zA-Z0-9.-])[\0-\x7F]/;

// https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address, with at least one dot.
const local = /[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+/.source;
const label = /[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?/.source;
const address = new RegExp(`^${local}@${label}(?:\\.${label})+$`);

const rules = {
  name(text, limit) {
    if (blank.test(text)) return "required";
    const name = normalised(text).split(space).filter(Boolean).join(" ");
    if ([...name].length > limit) return "too_long";
    if (forbidden.test(name) || !letter.test(name)) return "invalid_characters";
  },

  email(text, limit) {
    if (blank.test(text)) return "required";
    const typed = text.replace(ends, "").replace(/＠/g, "@");
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

// NFC without invisible characters. One can make the other necessary again.
function normalised(text) {
  const visible = text.replace(invisible, "").replace(withoutLetterBefore, "$1").replace(withoutLetterBehind, "$1");
  const name = visible.normalize("NFC");
  return name === text ? name : normalised(name);
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
