//! The expressions of dashboards and rules, and which programs' metrics it asks for.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use crate::{
    configuration,
    files::{self, listed},
};

/// One expression, and where it stands.
pub(crate) struct Expression {
    pub(crate) place: String,
    pub(crate) text: String,
}

/// Of every panel of every dashboard, and of every recording rule. An alert's is empty while all is
/// well: the drills see that it is not always.
pub(crate) fn all() -> Vec<Expression> {
    let mut all = Vec::new();
    for file in listed("grafana/dashboards", ".json") {
        let dashboard: Value = serde_json::from_str(&files::text(&file)).unwrap();
        collect(&dashboard, &file, "prometheus", &mut all);
    }
    for rule in configuration::rules() {
        if let Some(record) = rule["record"].as_str() {
            let text = crate::scaled::expression(rule["expr"].as_str().unwrap());
            all.push(Expression { place: record.to_owned(), text });
        }
    }
    all
}

/// Goes through a dashboard: a panel's data source holds for its targets that name none.
fn collect(value: &Value, place: &str, source: &str, all: &mut Vec<Expression>) {
    let source = value["datasource"]["type"].as_str().unwrap_or(source);
    let place =
        value["title"].as_str().map_or(place.to_owned(), |title| format!("{place}: {title}"));
    match value {
        Value::Object(members) => {
            if let (Some(text), "prometheus") = (value["expr"].as_str(), source) {
                all.push(Expression { place: place.clone(), text: with_variables(text) });
            }
            members.values().for_each(|member| collect(member, &place, source, all));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, &place, source, all)),
        _ => {}
    }
}

/// An expression as Grafana sends it, with every variable at All.
fn with_variables(text: &str) -> String {
    static INTERVAL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\$(__rate_interval|__interval|__range)|\$\{__[a-z_]+\}").unwrap()
    });
    static VARIABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\$\{?[a-z_]+(?::[a-z]+)?\}?").unwrap());
    let text = INTERVAL.replace_all(text, "5s");
    VARIABLE.replace_all(&text, ".*").into_owned()
}

/// By metric, which program that does not run here has it, as `infra/telemetry.toml` says.
pub(crate) fn absent() -> BTreeMap<String, String> {
    let registry: toml::Table = files::text("telemetry.toml").parse().unwrap();
    let metrics = registry["metric"].as_array().unwrap().iter();
    let sources = metrics.map(|metric| {
        let text = |key: &str| metric[key].as_str().unwrap().to_owned();
        (text("name"), text("source"))
    });
    sources
        .filter(|(_, source)| !["mariadb", "prometheus", "alertmanager"].contains(&&**source))
        .collect()
}

/// Which of these metrics an expression asks for.
pub(crate) fn asks_for<'a>(text: &str, metrics: &'a BTreeMap<String, String>) -> Option<&'a str> {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("[a-zA-Z_:][a-zA-Z0-9_:]*").unwrap());
    NAME.find_iter(text).find_map(|name| {
        let name = name.as_str();
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        metrics.get(name).or_else(|| metrics.get(base?)).map(String::as_str)
    })
}
