// The checks, and what each run must have seen at least one of.

import { alerts } from "./alerts.mjs";
import { collector } from "./collector.mjs";
import { compose } from "./compose.mjs";
import { dashboards } from "./dashboards.mjs";
import { dataSources } from "./data-sources.mjs";
import { expressions } from "./expressions.mjs";
import { hosts } from "./hosts.mjs";
import { markdown } from "./markdown.mjs";
import { settings } from "./settings.mjs";
import { syntax } from "./syntax.mjs";
import { tempo } from "./tempo.mjs";

export const checks = [
  syntax,
  expressions,
  dashboards,
  dataSources,
  alerts,
  compose,
  settings,
  hosts,
  collector,
  tempo,
  markdown,
];

export const expected = [
  "files of YAML, JSON and TOML",
  "promql",
  "logql",
  "traceql",
  "dashboards",
  "panels",
  "data sources",
  "alerts",
  "recorded rules",
  "drills",
  "cases of alerts",
  "runbooks",
  "compose files",
  "services",
  "variables",
  "addresses",
  "pipelines of the collector",
  "configurations of Tempo",
  "links",
];
