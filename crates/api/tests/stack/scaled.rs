//! Rules in which time runs faster: every window, `for` and interval shorter by one factor.

use std::sync::LazyLock;

use libtest_mimic::Trial;
use regex::{Captures, Regex};
use serde_json::Value;

/// How many times as fast.
pub(crate) const BY: u32 = 240;

/// How often is scraped and evaluated: as often as the programs can, though less than [`BY`] asks for.
pub(crate) const INTERVAL: &str = "100ms";

/// What stands in brackets, a subquery's step included, or behind `offset`.
static WINDOWS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\[[0-9a-z]+(?::[0-9a-z]*)?\]|offset +[0-9a-z]+").unwrap());
static DURATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([0-9]+)(ms|[smhdw])").unwrap());

/// An expression with shorter windows.
pub(crate) fn expression(expression: &str) -> String {
    WINDOWS.replace_all(expression, |window: &Captures<'_>| durations(&window[0])).into_owned()
}

/// A file of rules, where time runs faster.
pub(crate) fn rules(mut file: Value) -> Value {
    for group in file["groups"].as_array_mut().unwrap() {
        group["interval"] = INTERVAL.into();
        for rule in group["rules"].as_array_mut().unwrap() {
            rule["expr"] = expression(rule["expr"].as_str().unwrap()).into();
            for key in ["for", "keep_firing_for"] {
                if let Some(value) = rule.get_mut(key) {
                    *value = durations(value.as_str().unwrap()).into();
                }
            }
        }
    }
    file
}

fn durations(text: &str) -> String {
    let shorter = |duration: &Captures<'_>| {
        let count: u64 = duration[1].parse().unwrap();
        let unit = match &duration[2] {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => 604_800_000,
        };
        format!("{}ms", count * unit / u64::from(BY))
    };
    DURATION.replace_all(text, shorter).into_owned()
}

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("windows_are_shorter_and_nothing_else_is_changed", || {
        let scaled = expression("rate(a{b=\"5m\"}[5m]) > 0.5 and b[30d:1h] offset 4m");
        assert_eq!(
            scaled,
            "rate(a{b=\"5m\"}[1250ms]) > 0.5 and b[10800000ms:15000ms] offset 1000ms"
        );
        Ok(())
    })]
}
