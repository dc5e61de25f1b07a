// Grafana puts values into expressions before anybody parses them; so do the checks.

// Stands for a value that is known only when somebody looks.
export const VARIABLE = "VARIABLE";

const BUILT_IN = {
  __auto: "5m",
  __interval: "5m",
  __rate_interval: "5m",
  __range: "1h",
  __interval_ms: "60000",
  __range_ms: "3600000",
  __range_s: "3600",
  __from: "0",
  __to: "0",
};
const PATTERN = /\$\{([a-z_]\w*)(?:\.[\w.[\]"]+)?(?::[^}]*)?\}|\$([a-z_]\w*)|\[\[([a-z_]\w*)(?::\w+)?\]\]/gi;

// `variables` maps names to values; `unknown` is called with each name that nobody defines.
export function replaceVariables(text, variables = {}, unknown = () => {}) {
  return text.replace(PATTERN, (whole, ...names) => {
    const name = names.find((given) => typeof given === "string");
    const value = variables[name] ?? BUILT_IN[name];
    if (value === undefined && !name.startsWith("__")) unknown(name);
    return value ?? VARIABLE;
  });
}

export function usesVariable(text, name) {
  return [...text.matchAll(PATTERN)].some((match) => match.slice(1, 4).includes(name));
}

// Maps a dashboard's variables to a value each that the grammars take.
export function variablesOf(dashboard) {
  const pairs = (dashboard.templating?.list ?? []).map((variable) => {
    const first = String(variable.query ?? "")
      .split(",")[0]
      .trim();
    const literal = ["custom", "constant", "textbox", "interval"].includes(variable.type) && /^[\d.]+[a-z]*$/.test(first);
    return [variable.name, variable.type === "interval" ? "5m" : literal ? first : VARIABLE];
  });
  return Object.fromEntries(pairs);
}
