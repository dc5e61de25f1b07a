// Parses PromQL, and follows the labels through it: a label that an expression asks for must be there.

import { parser } from "@prometheus-io/lezer-promql";
import { children, syntaxError, unquote } from "./grammar.mjs";
import { brief, wrongValue } from "./matchers.mjs";
import { VARIABLE } from "./variables.mjs";

// A number has no labels, and is matched with anything.
const SCALAR = new Set();
const ANY = { has: () => true, [Symbol.iterator]: () => [][Symbol.iterator]() };
// These keep the labels of the series that they choose.
const CHOOSING = ["topk", "bottomk", "limitk", "limit_ratio"];
const SCALARS = ["time", "pi", "scalar"];

// Gives the labels that the result can have. `complain` is called with each thing that is wrong.
export function checkPromql(text, registry, complain) {
  const tree = parser.parse(text);
  const error = syntaxError(tree, text);
  if (error) complain(error);
  return error ? ANY : new Walk(text, registry, complain).labels(tree.topNode.firstChild);
}

class Walk {
  constructor(text, registry, complain) {
    Object.assign(this, { text, registry, complain });
  }

  labels(node) {
    if (node.name in this.handlers) return this.handlers[node.name].call(this, node, children(node));
    return merged(expressionsIn(children(node)).map((child) => this.labels(child)));
  }

  handlers = { AggregateExpr: this.aggregate, BinaryExpr: this.binary, FunctionCall: this.call, VectorSelector: this.selector };

  aggregate(node, parts) {
    const operator = this.slice(parts[0]).toLowerCase();
    const body = children(parts.find(({ name }) => name === "FunctionCallBody"));
    const inner = merged(expressionsIn(body).map((child) => this.labels(child)));
    const modifier = parts.find(({ name }) => name === "AggregateModifier");
    const grouped = modifier ? this.grouping(modifier.getChild("GroupingLabels")) : [];
    this.need(grouped, inner, operator);
    if (CHOOSING.includes(operator)) return inner;
    const kept = modifier?.getChild("Without") ? without(inner, grouped) : new Set(grouped);
    const counted = operator === "count_values" ? [unquote(this.slice(body.find(({ name }) => name === "StringLiteral")))] : [];
    return plus(kept, counted);
  }

  binary(node, parts) {
    const [left, right] = [parts[0], parts.at(-1)].map((side) => this.labels(side));
    if (left === SCALAR || right === SCALAR) return left === SCALAR ? right : left;
    const operator = this.slice(parts[1]).toLowerCase();
    const clause = node.getChild("MatchingModifierClause");
    const [matched = [], copied = []] = (clause?.getChildren("GroupingLabels") ?? []).map((labels) => this.grouping(labels));
    if (clause?.getChild("On")) [left, right].forEach((side) => this.need(matched, side, `on() of ${operator}`));
    if (clause?.getChild("Ignoring")) this.need(matched, merged([left, right]), `ignoring() of ${operator}`);
    if (!clause && operator !== "or") this.mustMatch(left, right, operator);
    if (operator === "or") return merged([left, right]);
    if (["and", "unless"].includes(operator)) return left;
    const [many, one] = clause?.getChild("GroupRight") ? [right, left] : [left, right];
    if (clause?.getChild("GroupLeft") || clause?.getChild("GroupRight")) {
      this.need(copied, one, "group_left() or group_right()");
      return plus(many, copied);
    }
    return clause?.getChild("On") ? new Set(matched) : without(left, matched);
  }

  // Series are matched when all their labels are the same.
  mustMatch(left, right, operator) {
    if (left === ANY || right === ANY) return;
    const lone = [...without(left, right), ...without(right, left)];
    if (lone.length) this.complain(`nothing on one side of \`${operator}\` has the labels of the other: ${brief(lone)}`);
  }

  call(node, parts) {
    const name = this.slice(parts[0]);
    const given = children(parts[1]);
    const strings = given.filter((part) => part.name === "StringLiteral").map((part) => unquote(this.slice(part)) ?? "");
    if (name === "info") return ANY;
    const inner = merged(expressionsIn(given).map((child) => this.labels(child)));
    if (SCALARS.includes(name)) return SCALAR;
    if (name === "vector") return new Set();
    if (name.startsWith("histogram_quantile") || name === "histogram_fraction") {
      this.need(["le"], inner, name);
      return plus(without(inner, ["le"]), name === "histogram_quantiles" ? strings : []);
    }
    if (name === "label_replace") this.need([strings[2]].filter(Boolean), inner, name);
    if (name === "label_join") this.need(strings.slice(2), inner, name);
    return ["label_replace", "label_join"].includes(name) ? plus(inner, [strings[0]]) : inner;
  }

  selector(node) {
    const matchers = node.getChild("LabelMatchers");
    const pairs = [
      ...(matchers?.getChildren("UnquotedLabelMatcher") ?? []),
      ...(matchers?.getChildren("QuotedLabelMatcher") ?? []),
    ].map((matcher) => {
      const [label, operator, value] = children(matcher).map((part) => this.slice(part));
      return { label: label.replace(/^["'`]|["'`]$/g, ""), operator, value: unquote(value) };
    });
    const quoted = matchers?.getChild("QuotedLabelName");
    const named = pairs.find(({ label }) => label === "__name__");
    const name = node.getChild("Identifier")
      ? this.slice(node.getChild("Identifier"))
      : quoted
        ? unquote(this.slice(quoted))
        : undefined;
    if (name === undefined && named?.operator !== "=") return this.nameless(named);
    return this.named(
      name ?? named.value,
      pairs.filter((pair) => pair !== named),
    );
  }

  nameless(named) {
    const wrong = named && wrongValue(named.operator, named.value, this.registry.metricNames);
    if (wrong) this.complain(`the metric's name ${wrong}`);
    return ANY;
  }

  named(name, pairs) {
    if (name.includes(VARIABLE)) return ANY;
    const { wrong, recorded, labels: known } = this.registry.metric(name);
    if (wrong) this.complain(wrong);
    if (wrong) return ANY;
    const labels = recorded ? labelsOfRule(name, recorded, this.registry) : new Set(known.keys());
    this.need(
      pairs.map(({ label }) => label),
      labels,
      name,
    );
    for (const { label, operator, value } of pairs.filter(({ label }) => labels.has(label))) {
      const values = recorded ? valuesOfRule(recorded, label) : known.get(label);
      const problem = wrongValue(operator, value, values);
      if (problem) this.complain(`the value of \`${label}\` in \`${name}\` ${problem}`);
    }
    return labels;
  }

  need(wanted, labels, where) {
    const missing = wanted.filter((label) => label !== VARIABLE && label !== "__name__" && !labels.has(label));
    if (missing.length) this.complain(`\`${where}\` has no label ${brief(missing)}; it has ${brief(labels)}`);
  }

  grouping(node) {
    return children(node)
      .filter(({ name }) => /LabelName$/.test(name))
      .map((part) => this.slice(part).replace(/^["']|["']$/g, ""));
  }

  slice({ from, to }) {
    return this.text.slice(from, to);
  }
}

// The labels of what a rule records: those that its expression leaves, and those that it adds.
function labelsOfRule(name, rules, registry) {
  const { labelsOfRules } = registry;
  if (!labelsOfRules.has(name)) {
    labelsOfRules.set(name, ANY); // for a rule that needs itself
    const each = rules.map(({ expr, labels }) =>
      plus(
        checkPromql(String(expr), registry, () => {}),
        Object.keys(labels ?? {}),
      ),
    );
    labelsOfRules.set(name, merged(each));
  }
  return labelsOfRules.get(name);
}

function valuesOfRule(rules, label) {
  const values = rules.map(({ labels }) => labels?.[label]);
  return values.every((value) => value !== undefined) ? new Set(values) : null;
}

const OTHER =
  /^(StringLiteral|AggregateOp|AggregateModifier|BoolModifier|MatchingModifierClause|FillModifier|DurationExpr|OffsetDurationExpr)$/;
const expressionsIn = (nodes) =>
  nodes.filter(({ name }) => /Expr$|^FunctionCall$|^(Matrix|Vector)Selector$/.test(name) && !OTHER.test(name));
const without = (labels, others) =>
  labels === ANY ? ANY : new Set([...labels].filter((label) => !(others.has ? others.has(label) : others.includes(label))));
const plus = (labels, more) => (labels === ANY ? ANY : new Set([...labels, ...more]));

function merged(sets) {
  const vectors = sets.filter((set) => set !== SCALAR);
  if (vectors.length === 0) return SCALAR;
  return vectors.includes(ANY) ? ANY : new Set(vectors.flatMap((set) => [...set]));
}
