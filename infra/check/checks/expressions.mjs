// Every expression parses, and asks for nothing that is in no registry.

import { LogLabels, checkLogql } from "../lib/logql.mjs";
import { Registry } from "../lib/registry.mjs";
import { checkPromql } from "../lib/promql.mjs";
import { checkTraceql } from "../lib/traceql.mjs";
import { VARIABLE, replaceVariables, variablesOf } from "../lib/variables.mjs";
import { expressionsIn } from "../lib/expressions.mjs";

const REMEDY = "Mend the expression, or enter into a telemetry.toml what can really be observed";

export function expressions(tree, report) {
  const registry = new Registry(tree);
  const logs = new LogLabels(tree, registry.telemetry);
  const check = {
    promql: (text, complain) => checkPromql(text, registry, complain),
    logql: (text, complain) => checkLogql(text, logs, complain),
    traceql: (text, complain) => checkTraceql(text, registry.telemetry, complain),
  };
  for (const expression of expressionsIn(tree)) {
    const { language, file, place } = expression;
    const complain = (wrong) => report.finding(file, place, `${language}: ${wrong}`, REMEDY);
    const unknown = (name) => complain(`the variable $${name} is not defined`);
    report.count(language);
    check[language](literal(expression, unknown), complain);
  }
}

// The expression without variables. On a page and in a data source any variable may stand.
export function literal({ text, dashboard }, unknown = () => {}) {
  return dashboard ? replaceVariables(text, variablesOf(dashboard), unknown) : replaceVariables(text, { value: VARIABLE });
}
