"""PromQL, LogQL and TraceQL: every name and value that an expression asks for is in a registry.

PromQL is parsed by promql-parser, which also checks types; LogQL and TraceQL by Grafana's own grammars (parse.mjs)."""

import functools
import json
import re
import subprocess
from pathlib import Path

import promql_parser

VARIABLE = "VARIABLE"  # in place of a value that is known only when a dashboard is viewed
OPERATORS = {"MatchOp.Equal": "=", "MatchOp.NotEqual": "!=", "MatchOp.Re": "=~", "MatchOp.NotRe": "!~"}
ESCAPE = re.compile(r"""\\(?:([abfnrtv\\"'])|([0-7]{3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))""")


def brief(values):
    values = sorted(values)
    return ", ".join(f"`{value}`" for value in values[:12]) + (f" and {len(values) - 12} more" if len(values) > 12 else "") or "none"


def unmatched(operator, value, known, part=False):
    """Why no known value matches, or None. Labels match whole values; `part`: a line contains the value."""
    if value is None:
        return "has an invalid escape; write it in backquotes"
    pattern = str if "~" in operator else re.escape
    try:
        re.compile(pattern(value))
    except re.error:
        return f"is not a regular expression: `{value}`"
    # Each alternative of `one|other` must match something.
    alternatives = value.split("|") if pattern is str and not re.search(r"[()\[\]\\]", value) else [value]
    for one in alternatives if value and known else []:
        compiled = re.compile(pattern(one), re.DOTALL)
        if VARIABLE not in one and not any(map(compiled.search if part else compiled.fullmatch, known)):
            return f"{'matches none of the known values' if pattern is str else 'is not a known value'}: `{one}`, known are {brief(known)}"
    return None


class Promql:
    """Follows the labels through an expression: a label that it asks for must be there. `labels` gives the labels of
    the result; None where they are unknown."""

    def __init__(self, registry, complain):
        self.registry, self.complain = registry, complain

    def check(self, text):
        try:
            return self.labels(promql_parser.parse(text))
        except ValueError as error:
            return self.complain(f"does not parse: {error}")

    def labels(self, node):
        if isinstance(node, promql_parser.VectorSelector):
            return self.selector(node)
        parts = [getattr(node, part) for part in ("lhs", "rhs", "expr", "vector_selector") if hasattr(node, part)]
        inner = [self.labels(part) for part in [*parts, *getattr(node, "args", [])]]
        labels = None if None in inner else set().union(*inner)
        handle = {"AggregateExpr": self.aggregate, "BinaryExpr": self.binary, "Call": self.call}.get(type(node).__name__)
        return handle(node, labels, inner) if handle else labels

    def aggregate(self, node, labels, _inner):
        operator, grouped = str(node.op), set(node.modifier.labels) if node.modifier else set()
        self.need(grouped, labels, operator)
        if operator in ("topk", "bottomk", "limitk", "limit_ratio") or labels is None:
            return labels
        kept = labels - grouped if node.modifier and str(node.modifier.type).endswith("Without") else grouped
        return kept | ({node.param.val} if operator == "count_values" else set())

    def binary(self, node, labels, inner):
        operator, modifier = str(node.op), node.modifier
        matching = modifier and modifier.matching
        is_on = matching and str(matching.type).endswith("Include")
        if matching:
            for side in inner if is_on else [labels]:
                self.need(set(matching.labels), side, f"{'on' if is_on else 'ignoring'}() of {operator}")
            self.need(set(modifier.group_labels or []), labels, "group_left() or group_right()")
        elif operator != "or" and labels is not None and inner[0] != inner[1] and not is_scalar(node.lhs) and not is_scalar(node.rhs):
            self.complain(f"nothing on one side of `{operator}` has the labels of the other: {brief(inner[0] ^ inner[1])}")
        if operator in ("and", "unless"):
            return inner[0]
        is_grouped = modifier and not str(modifier.card).endswith("OneToOne")
        return labels if not matching or is_grouped or labels is None else labels & set(matching.labels) if is_on else labels - set(matching.labels)

    def call(self, node, labels, _inner):
        name, texts = node.func.name, [one.val for one in node.args if isinstance(one, promql_parser.StringLiteral)]
        if name.startswith("histogram_quantile") or name == "histogram_fraction":
            self.need({"le"}, labels, name)
            return labels and labels - {"le"}
        if name in ("label_replace", "label_join"):
            self.need(set(texts[2:3] if name == "label_replace" else texts[2:]) - {""}, labels, name)
            return labels and labels | {texts[0]}
        return None if name == "info" else labels

    def selector(self, node):
        pairs = [(one.name, OPERATORS[str(one.op)], one.value) for one in node.matchers.matchers]
        names = [pair for pair in pairs if pair[0] == "__name__"]
        name = node.name or next((value for _, operator, value in names if operator == "="), VARIABLE)
        for _, operator, value in names:
            if wrong := unmatched(operator, value, self.registry.metric_names):
                self.complain(f"the metric's name {wrong}")
        if VARIABLE in name:
            return None
        known = self.recorded(name) if name in self.registry.recorded else self.registry.metric(name)
        if isinstance(known, str):
            return self.complain(known)
        pairs = [pair for pair in pairs if known is not None and pair not in names]
        labels = None if known is None else set(known)
        self.need({label for label, _, _ in pairs}, labels, name)
        for label, operator, value in pairs:
            if wrong := unmatched(operator, value, known.get(label)):
                self.complain(f"the value of `{label}` in `{name}` {wrong}")
        return labels

    def recorded(self, name):
        """Labels that the recording rules' expressions leave, and those that the rules add."""
        cache, rules = self.registry.recorded_labels, self.registry.recorded[name]
        if name not in cache:
            cache[name] = None  # for a rule that asks for itself
            left = [Promql(self.registry, lambda _: None).check(str(rule["expr"])) for rule in rules]
            fixed = {label: {rule.get("labels", {}).get(label) for rule in rules} for rule in rules for label in rule.get("labels", {})}
            if None not in left:
                cache[name] = dict.fromkeys(set().union(*left)) | {label: None if None in values else values for label, values in fixed.items()}
        return cache[name]

    def need(self, wanted, labels, where):
        missing = wanted - labels - {VARIABLE, "__name__"} if labels is not None else None
        if missing:
            self.complain(f"`{where}` has no label {brief(missing)}; it has {brief(labels)}")


def is_scalar(node):
    """Whether an expression is a number, which matches series with any labels."""
    if isinstance(node, promql_parser.Call):
        return node.func.name in ("time", "pi", "scalar")
    inner = [getattr(node, part) for part in ("lhs", "rhs", "expr") if hasattr(node, part)]
    return isinstance(node, promql_parser.NumberLiteral) or bool(inner) and not hasattr(node, "param") and all(map(is_scalar, inner))


@functools.cache
def node():
    """Parses one expression for each line that it gets."""
    return subprocess.Popen(["node", Path(__file__).parent / "parse.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def parse(language, text):
    """(error, tree)"""
    print(json.dumps([language, text]), file=node().stdin, flush=True)
    answer = json.loads(node().stdout.readline())
    return answer["error"], Node(answer["tree"], text) if answer["tree"] else None


class Node:
    def __init__(self, tree, text):
        (self.name, start, end, children), self.children = tree, []
        self.text = text[start:end]
        self.children = [Node(child, text) for child in children]

    def all(self, *names):
        own = [self] if self.name in names else []
        return own + [found for child in self.children for found in child.all(*names)]

    def child(self, name):
        return next((child for child in self.children if child.name == name), None)

    def value(self):
        """A string literal's value; None where an escape is not one of Go's."""
        body = self.text[1:-1]
        if self.text[0] == "`":
            return body
        if "\\" in ESCAPE.sub("", body):
            return None
        plain = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))
        return ESCAPE.sub(lambda m: plain.get(m[1], m[1]) if m[1] else chr(int(m[2], 8) if m[2] else int(m[3] or m[4] or m[5], 16)), body)


def check_logql(text, registry, complain):
    error, tree = parse("logql", text)
    if error:
        return complain(error)
    made = [node.children[0].text for node in tree.all("LabelFormatMatcher", "LabelExtractionExpression")]
    known = registry.stream_labels | registry.line_labels | dict.fromkeys([*made, "__error__", VARIABLE])
    in_streams = [matcher for selector in tree.all("Selector") for matcher in selector.all("Matcher")]
    in_lines = [matcher for one in tree.all("LabelFilter") for matcher in one.all("Matcher")]
    for matchers, labels, what in (in_streams, registry.stream_labels, "a label of a stream"), (in_lines, known, "kept with the lines"):
        for name, operator, value in (matcher.children for matcher in matchers):
            if name.text not in {*labels, VARIABLE}:
                complain(f"`{name.text}` is not {what}; known are {brief(labels)}")
            elif wrong := unmatched(operator.text, value.value(), labels.get(name.text)):
                complain(f"the value of `{name.text}` {wrong}")
    others = tree.all("NumberFilter", "DurationFilter", "BytesFilter", "UnwrapExpr", "DropLabel", "KeepLabel", "Labels", "GroupingLabel")
    for name in {name.text for node in others for name in node.all("Identifier")} - known.keys():
        complain(f"`{name}` is not kept with the lines; known are {brief(known)}")
    for parser in tree.all("LabelParser", "LogfmtParser", "JsonExpressionParser", "LogfmtExpressionParser"):
        complain(f"`| {parser.text}` finds nothing: a line is its body, and attributes are stored beside it")
    for line in tree.all("LineFilter"):
        operator = line.children[0].text.replace("|", "", 1)
        for wrong in [unmatched(operator, one.value(), registry.bodies, part=True) for one in line.all("String")]:
            if wrong and ">" not in operator:  # not a pattern
                complain(f"the text of a log line {wrong}")
    return None


def check_traceql(text, registry, complain):
    error, tree = parse("traceql", text)
    if error:
        return complain(error)
    scopes = {"span": registry.span_attributes, "resource": registry.resource_attributes, "event": registry.attributes,
              "": registry.span_attributes | registry.resource_attributes}
    values = dict.fromkeys(("name", "span:name", "rootName", "trace:rootName"), registry.spans)
    values |= dict.fromkeys(("rootServiceName", "trace:rootService", "service.name"), registry.services)
    for field in tree.all("AttributeField"):
        scope, _, name = field.text.replace('"', "").partition(".")
        if VARIABLE not in name and name not in scopes.get(scope, {name}):
            complain(f"no {scope or 'span or resource'} has the attribute `{name}`; known are {brief(scopes[scope])}")
    for left, operator, right in (node.children for node in tree.all("FieldExpression") if node.child("FieldOp")):
        literal = next(iter(right.all("String", "Integer")), None)
        name = left.text.partition(".")[2].replace('"', "") if left.all("AttributeField") else left.text
        if not literal or operator.text not in ("=", "!=", "=~", "!~"):
            continue
        if name in ("status", "kind", "span:status", "span:kind"):
            complain(f"`{name}` is compared with a string; write it without quotes")
        elif wrong := unmatched(operator.text, literal.value() if literal.name == "String" else literal.text, values.get(name, registry.values_of(name))):
            complain(f"the value of `{name}` {wrong}")
    return None


def check_expression(language, text, registry):
    """What is wrong with an expression."""
    found = []
    if language == "promql":
        Promql(registry, found.append).check(text)
    else:
        {"logql": check_logql, "traceql": check_traceql}[language](text, registry, found.append)
    return found

