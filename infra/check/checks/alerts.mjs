// Each alert says what to do, has a fault that makes it fire, and was seen firing and resolving by promtool.

import { checkPromql } from "../lib/promql.mjs";
import { Registry } from "../lib/registry.mjs";
import { dashboardsIn } from "../lib/expressions.mjs";

const DRILLS = "infra/prometheus/drills.toml";
const SEVERITIES = ["page", "ticket"];

export function alerts(tree, report) {
  const registry = new Registry(tree);
  const { alerts: rules, recorded } = registry.rules;
  const uids = dashboardsIn(tree).map(([, { uid }]) => uid);
  const drills = tree.parsed(DRILLS)?.drill ?? [];
  const cases = casesIn(tree);
  report.count("alerts", rules.length);
  report.count("recorded rules", recorded.size);
  report.count("drills", drills.length);
  report.count("cases of alerts", cases.length);
  for (const rule of rules) {
    const complain = (wrong, remedy) => report.finding(rule.file, `alert ${rule.alert}`, wrong, remedy);
    checkWords(rule, tree, uids, complain);
    checkTemplates(rule, registry, complain);
    checkCases(rule, cases, complain);
    const count = drills.filter(({ alert }) => alert === rule.alert).length;
    if (count !== 1) complain(`has ${count} drills`, `Write one into ${DRILLS}: the fault that makes it fire`);
  }
  checkNames(tree, new Set(rules.map(({ alert }) => alert)), drills, cases, report);
}

function checkWords({ labels = {}, annotations = {}, alert }, tree, uids, complain) {
  if (!SEVERITIES.includes(labels.severity)) complain(`its severity is ${labels.severity}`, `Write one of ${SEVERITIES.join(", ")}`);
  for (const name of ["summary", "description", "runbook", "dashboard"].filter((one) => !annotations[one])) {
    complain(`has no ${name}`, "Add the annotation");
  }
  const { runbook, dashboard } = annotations;
  if (runbook && (runbook !== `docs/runbooks/${alert}.md` || !tree.exists(runbook))) {
    complain(`its runbook ${runbook} does not exist, or is named otherwise`, `Write docs/runbooks/${alert}.md`);
  }
  if (dashboard && !uids.includes(dashboard)) complain(`no dashboard has the uid ${dashboard}`, "Name one that exists");
}

// A label that the series do not have is an empty word in the message.
function checkTemplates({ expr, labels = {}, annotations = {} }, registry, complain) {
  const known = checkPromql(String(expr), registry, () => {});
  for (const [name, text] of Object.entries(annotations)) {
    for (const [, label] of String(text).matchAll(/\$labels\.(\w+)/g)) {
      if (!known.has(label) && !(label in labels)) complain(`its ${name} names the label ${label}, which its series do not have`, "Keep the label in the expression, or leave it out");
    }
  }
}

function casesIn(tree) {
  return tree.all(/^infra\/prometheus\/tests\/.*\.ya?ml$/).flatMap(([file, { tests = [] }]) =>
    tests.flatMap(({ alert_rule_test: list = [] }, index) =>
      list.map(({ alertname, eval_time: time, exp_alerts: expected }) => ({
        file, test: `${file}#${index}`, alertname, time: seconds(String(time)), expected: expected ?? [],
      })),
    ),
  );
}

// Of rules with one name each must be seen firing, by the labels that tell it from the others.
function checkCases({ alert, labels = {} }, cases, complain) {
  const own = cases.filter(({ alertname }) => alertname === alert);
  const matches = ({ exp_labels: given = {} }) => Object.entries(labels).every(([name, value]) => /\{\{/.test(value) || given[name] === value);
  const fires = own.filter(({ expected }) => expected.some(matches));
  const silent = own.filter(({ expected }) => expected.length === 0);
  const remedy = "Add an alert_rule_test to infra/prometheus/tests";
  const which = Object.entries(labels).map(([name, value]) => `${name}="${value}"`).join(", ");
  if (!fires.length) complain(`no case sees it fire with ${which}`, remedy);
  if (!silent.some(({ test }) => !fires.some((fire) => fire.test === test))) complain("no series of its own are seen on which it does not fire", `${remedy}, with input series of its own and without exp_alerts`);
  if (!fires.some((fire) => silent.some(({ test, time }) => test === fire.test && time > fire.time))) {
    complain(`no case sees it resolve with ${which}`, `${remedy}: later than where it fires, on the same series, without exp_alerts`);
  }
}

function checkNames(tree, known, drills, cases, report) {
  const remedy = "Name an alert that exists, or remove it";
  drills.forEach(({ alert, fault, meaning, faults, stop, load }) => {
    if (!known.has(alert)) report.finding(DRILLS, `drill ${alert}`, "there is no such alert", remedy);
    const complete = [fault, meaning, faults, stop].every((text) => typeof text === "string") && typeof load === "boolean";
    if (!complete || !meaning || !fault) report.finding(DRILLS, `drill ${alert}`, "lacks one of fault, meaning, faults, stop and load", "Say each");
  });
  for (const { file, alertname } of cases.filter((one) => !known.has(one.alertname))) {
    report.finding(file, alertname, "there is no such alert", remedy);
  }
  for (const file of tree.paths(/^docs\/runbooks\/[A-Z]\w*\.md$/)) {
    report.count("runbooks");
    if (!known.has(/(\w+)\.md$/.exec(file)[1])) report.finding(file, "", "there is no such alert", remedy);
  }
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
const seconds = (text) => [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, number, unit]) => sum + number * UNITS[unit], 0);
