// Parses TraceQL, and looks up its span names, attributes and services.

import { parser } from "@grafana/lezer-traceql";
import { children, descendants, syntaxError, unquote } from "./grammar.mjs";
import { brief, wrongValue } from "./matchers.mjs";
import { VARIABLE } from "./variables.mjs";

const NAMES = ["name", "span:name", "rootName", "trace:rootName"];
const SERVICES = ["rootServiceName", "trace:rootService"];
// Their values are words of the language, not strings.
const WORDS = ["status", "kind", "span:status", "span:kind"];

export function checkTraceql(text, telemetry, complain) {
  const tree = parser.parse(text);
  const error = syntaxError(tree, text);
  if (error) return complain(error);
  const slice = ({ from, to }) => text.slice(from, to);
  for (const field of descendants(tree.topNode, "AttributeField")) checkAttribute(field, telemetry, slice, complain);
  for (const comparison of descendants(tree.topNode, "FieldExpression").filter((node) => node.getChild("FieldOp"))) {
    checkComparison(comparison, telemetry, slice, complain);
  }
}

function parts(field, slice) {
  const scope = children(field).find(({ name }) => name !== "Identifier" && name !== "Parent");
  return [scope && slice(scope), slice(field.getChild("Identifier")).replaceAll('"', "")];
}

function checkAttribute(field, telemetry, slice, complain) {
  const [scope, name] = parts(field, slice);
  const known =
    {
      span: telemetry.spanAttributes,
      resource: telemetry.resourceAttributes,
      event: telemetry.attributes,
    }[scope] ?? new Set([...telemetry.spanAttributes, ...telemetry.resourceAttributes]);
  if (["link", "instrumentation"].includes(scope) || name.includes(VARIABLE) || known.has(name)) return;
  complain(`no ${scope ?? "span or resource"} has the attribute \`${name}\`; known are ${brief(known)}`);
}

function checkComparison(comparison, telemetry, slice, complain) {
  const [left, operator, right] = children(comparison);
  const subject = left.firstChild;
  const value = right?.firstChild?.firstChild;
  if (!subject || !["=", "!=", "=~", "!~"].includes(slice(operator))) return;
  const name = subject.name === "AttributeField" ? parts(subject, slice)[1] : slice(subject);
  if (WORDS.includes(name) && value?.name === "String")
    return complain(`\`${name}\` is compared with a string; write it without quotes`);
  if (!["String", "Integer"].includes(value?.name)) return;
  const known = NAMES.includes(name)
    ? telemetry.spans
    : SERVICES.includes(name) || name === "service.name"
      ? telemetry.services
      : telemetry.valuesOf(name);
  const literal = value.name === "String" ? unquote(slice(value)) : slice(value);
  const wrong = wrongValue(slice(operator), literal, known);
  if (wrong) complain(`the value of \`${name}\` ${wrong}`);
}
