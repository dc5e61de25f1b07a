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
  if (!SEVERITIES.includes(labels.severity))
    complain(`its severity is ${labels.severity}`, `Write one of ${SEVERITIES.join(", ")}`);
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
      if (!known.has(label) && !(label in labels))
        complain(
          `its ${name} names the label ${label}, which its series do not have`,
          "Keep the label in the expression, or leave it out",
        );
    }
  }
}

// What is expected of an alert at a time: by an alert_rule_test, or by an expression over ALERTS.
function casesIn(tree) {
  return tree.all(/^infra\/prometheus\/tests\/.*\.ya?ml$/).flatMap(([file, { tests = [] }]) =>
    tests.flatMap(({ alert_rule_test: ofAlerts = [], promql_expr_test: ofExpressions = [] }, index) => {
      const made = (alertname, { eval_time: time }, expected) => ({
        file,
        test: `${file}#${index}`,
        alertname,
        time: seconds(String(time)),
        expected,
      });
      const asked = ofExpressions.flatMap((one) => {
        const [, alertname] = /ALERTS\{[^}]*alertname="(\w+)"/.exec(one.expr) ?? [];
        return alertname && /alertstate="firing"/.test(one.expr)
          ? [
              made(
                alertname,
                one,
                (one.exp_samples ?? []).map(({ labels }) => labelsIn(labels)),
              ),
            ]
          : [];
      });
      return [
        ...ofAlerts.map((one) =>
          made(
            one.alertname,
            one,
            (one.exp_alerts ?? []).map(({ exp_labels: labels = {} }) => labels),
          ),
        ),
        ...asked,
      ];
    }),
  );
}

const labelsIn = (text) => Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));

// Of rules with one name each must be seen firing, by the labels that tell it from the others.
function checkCases({ alert, labels = {} }, cases, complain) {
  const fixed = Object.entries(labels).filter(([, value]) => !String(value).includes("{{"));
  const isThis = (given) =>
    fixed.some(([name]) => name in given) && fixed.every(([name, value]) => (given[name] ?? value) === value);
  const own = cases.filter(({ alertname }) => alertname === alert);
  const fires = own.filter(({ expected }) => expected.some(isThis));
  const silent = own.filter((one) => !fires.includes(one));
  const resolves = ({ test, time }) => fires.some((fire) => fire.test === test && fire.time < time);
  const which = fixed.map(([name, value]) => `${name}="${value}"`).join(", ");
  const remedy = "Add an alert_rule_test to infra/prometheus/tests";
  if (!fires.length) complain(`no case sees it fire with ${which}`, remedy);
  if (!silent.some((one) => !resolves(one)))
    complain(`no case sees that it does not fire with ${which}`, `${remedy}, with empty exp_alerts`);
  if (!silent.some(resolves))
    complain(
      `no case sees it resolve with ${which}`,
      `${remedy}: later than where it fires, on the same series, with empty exp_alerts`,
    );
}

function checkNames(tree, known, drills, cases, report) {
  const remedy = "Name an alert that exists, or remove it";
  drills.forEach(({ alert, fault, meaning, faults, stop, lock, load }) => {
    if (!known.has(alert)) report.finding(DRILLS, `drill ${alert}`, "there is no such alert", remedy);
    const complete = [fault, meaning, faults, stop, lock].every((text) => typeof text === "string") && typeof load === "boolean";
    if (!complete || !meaning || !fault)
      report.finding(DRILLS, `drill ${alert}`, "lacks one of fault, meaning, faults, stop, lock and load", "Say each");
  });
  for (const { file, alertname } of cases.filter((one) => !known.has(one.alertname))) {
    report.finding(file, alertname, "there is no such alert", remedy);
  }
  for (const file of tree.paths(/^docs\/runbooks\/(?!README)\w+\.md$/)) {
    report.count("runbooks");
    if (!known.has(/(\w+)\.md$/.exec(file)[1])) report.finding(file, "", "there is no such alert", remedy);
  }
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400, w: 604800, y: 31536000 };
const seconds = (text) =>
  [...text.matchAll(/(\d+)(ms|[smhdwy])/g)].reduce((sum, [, number, unit]) => sum + number * UNITS[unit], 0);
