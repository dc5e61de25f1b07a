// Parses LogQL, and looks up its labels and the log lines that it asks for.

import { parser } from "@grafana/lezer-logql";
import { children, descendants, syntaxError, unquote } from "./grammar.mjs";
import { brief, wrongValue } from "./matchers.mjs";
import { labelOf } from "./tempo.mjs";
import { VARIABLE } from "./variables.mjs";

// The resource attributes that Loki makes labels of unless it is told otherwise, as far as they can occur here.
const INDEXED = [
  "service.name",
  "service.namespace",
  "service.instance.id",
  "deployment.environment.name",
  "deployment.environment",
  "container.name",
];
// What Loki keeps with each line, beside the attributes.
const OF_EVERY_LINE = [
  "trace_id",
  "span_id",
  "flags",
  "severity_text",
  "severity_number",
  "observed_timestamp",
  "scope_name",
  "detected_level",
];
const PARSERS = ["json", "logfmt", "unpack"];

export class LogLabels {
  constructor(tree, telemetry) {
    const { resource_attributes: settings = {} } = tree.parsed("infra/loki/loki.yaml")?.limits_config?.otlp_config ?? {};
    const indexed = new Set(settings.ignore_defaults ? [] : INDEXED);
    for (const { action, attributes = [] } of settings.attributes_config ?? []) {
      attributes.forEach((name) => (action === "index_label" ? indexed.add(name) : indexed.delete(name)));
    }
    const streams = [...indexed].filter((name) => telemetry.resourceAttributes.has(name));
    const others = [...telemetry.resourceAttributes].filter((name) => !indexed.has(name));
    const levels = new Set([...telemetry.severities, ...[...telemetry.severities].map((level) => level.toLowerCase())]);
    const values = {
      "service.name": telemetry.services,
      severity_text: telemetry.severities,
      detected_level: levels,
    };
    const named = (names) => new Map(names.map((name) => [labelOf(name), values[name] ?? telemetry.valuesOf(name)]));
    this.streams = named(streams);
    this.metadata = named([...others, ...telemetry.logAttributes, ...OF_EVERY_LINE]);
    this.bodies = telemetry.logs;
  }
}

export function checkLogql(text, labels, complain) {
  const tree = parser.parse(text);
  const error = syntaxError(tree, text);
  if (error) return complain(error);
  const slice = ({ from, to }) => text.slice(from, to);
  const selectors = descendants(tree.topNode, "Selector");
  for (const matcher of selectors.flatMap((selector) => descendants(selector, "Matcher"))) {
    checkMatcher(matcher, labels.streams, "a label of a stream", slice, complain);
  }
  const made = madeLabels(tree.topNode, slice);
  const known = new Map([...labels.streams, ...labels.metadata, ...made.map((name) => [name, null])]);
  for (const filter of descendants(tree.topNode, "LabelFilter")) {
    children(filter)
      .filter(({ name }) => name === "Matcher")
      .forEach((one) => checkMatcher(one, known, "kept with the lines", slice, complain));
  }
  const others = descendants(
    tree.topNode,
    "NumberFilter",
    "DurationFilter",
    "BytesFilter",
    "UnwrapExpr",
    "DropLabel",
    "KeepLabel",
    "Labels",
    "GroupingLabel",
  );
  for (const name of others.flatMap((node) => descendants(node, "Identifier")).map(slice)) {
    if (!known.has(name) && name !== VARIABLE)
      complain(`\`${name}\` is not kept with the lines; known are ${brief(known.keys())}`);
  }
  for (const parserNode of descendants(
    tree.topNode,
    "LabelParser",
    "LogfmtParser",
    "JsonExpressionParser",
    "LogfmtExpressionParser",
  )) {
    const name = slice(parserNode).split(/\W/)[0];
    if (PARSERS.includes(name))
      complain(`\`| ${name}\` finds nothing: a line is its body, and the attributes are kept beside it`);
  }
  for (const filter of descendants(tree.topNode, "LineFilter")) checkLine(filter, labels.bodies, slice, complain);
}

function checkMatcher(matcher, known, what, slice, complain) {
  const [name, operator, value] = children(matcher).map(slice);
  if (name === VARIABLE) return;
  if (!known.has(name)) return complain(`\`${name}\` is not ${what}; known are ${brief(known.keys())}`);
  const wrong = wrongValue(operator, unquote(value), known.get(name));
  if (wrong) complain(`the value of \`${name}\` ${wrong}`);
}

// Lines are bodies of the registry: what is looked for must be in one.
function checkLine(filter, bodies, slice, complain) {
  const operator = slice(filter.getChild("Filter"));
  if (/>/.test(operator) || filter.getChild("FilterOp")) return; // patterns and addresses
  for (const literal of descendants(filter, "String")) {
    const wrong = wrongValue(operator.replace("|", ""), unquote(slice(literal)), bodies, { part: true });
    if (wrong) complain(`the text of a log line ${wrong}`);
  }
}

// Labels that the expression itself makes.
function madeLabels(top, slice) {
  const renamed = descendants(top, "LabelFormatMatcher", "LabelExtractionExpression").map((node) => slice(node.firstChild));
  const strings = descendants(top, "LabelParser")
    .flatMap((node) => node.getChildren("String"))
    .map(slice);
  return [...renamed, ...strings.flatMap((pattern) => [...pattern.matchAll(/<(\w+)>/g)].map(([, name]) => name)), "__error__"];
}
