//! Compares the generated parts of `docs/` with the program: options, routes, telemetry. `make docs`
//! writes them.

use std::{fmt::Write as _, fs, path::Path};

use clap::CommandFactory as _;
use registration_telemetry::registry::{LabelSpec, MetricKind, MetricSpec, Registry};

use crate::{
    config::Arguments,
    routes::{Audience, ROUTES},
    telemetry,
    web::door::Access,
};

const END: &str = "<!-- end -->\n";

/// Compares the part of a file between `<!-- {mark}: written by make docs -->` and the next end
/// with `text`, or writes it there.
#[expect(clippy::disallowed_methods, reason = "UPDATE_DOCS is for these tests alone")]
fn hold(file: &str, mark: &str, text: &str) {
    let begin = format!("<!-- {mark}: written by make docs -->\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    let whole = fs::read_to_string(&path).unwrap();
    let (before, rest) = whole.split_once(&begin).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, format!("{before}{begin}{text}{END}{after}")).unwrap();
    } else {
        assert!(written == text, "docs/{file} is out of date: run make docs");
    }
}

#[test]
fn every_option_is_documented() {
    let mut table = "| variable | flag | default | meaning |\n|---|---|---|---|\n".to_owned();
    for option in Arguments::command().get_arguments() {
        let Some(variable) = option.get_env() else { continue };
        let default = option.get_default_values().first().map(|value| value.to_string_lossy());
        let default = default.map(|value| format!("`{value}`")).unwrap_or_default();
        let (flag, help) = (option.get_long().unwrap(), option.get_help().unwrap());
        let variable = variable.to_string_lossy();
        writeln!(table, "| `{variable}` | `--{flag}` | {default} | {help} |").unwrap();
    }
    hold("configuration.md", "options", &table);
}

fn registries() -> Vec<Registry> {
    let mut registries = telemetry::registries().unwrap();
    registries.push(Registry::parse(registration_telemetry::TELEMETRY).unwrap());
    registries
}

/// Who may use a route: a role and those above it, with the scope of a token.
fn users(access: Access) -> String {
    match access {
        Access::Public => "everyone".to_owned(),
        Access::Door => "everyone, from its own pages".to_owned(),
        Access::SignedIn => "staff".to_owned(),
        Access::May(permission) | Access::Fresh(permission) => {
            let role = permission.least_role().as_str();
            let scope = permission.scope().map(|scope| format!(", `{scope}`"));
            format!("{role}{}", scope.unwrap_or_default())
        }
    }
}

#[test]
fn every_route_is_documented() {
    let mut table =
        "| path | method | for | statuses | listener | traced | quota | other origins |\n|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let yes = |yes: bool| if yes { "yes" } else { "" };
    for route in ROUTES {
        let statuses: Vec<_> = route.statuses.iter().map(ToString::to_string).collect();
        let listener = match route.audience {
            Audience::Public | Audience::Staff | Audience::Demo => "application",
            Audience::Operators => "both",
        };
        writeln!(
            table,
            "| `{}` | {} | {} | {} | {listener} | {} | {} | {} |",
            route.path,
            route.verb.as_str(),
            users(route.access),
            statuses.join(", "),
            yes(route.is_traced),
            route.quota.map(|quota| format!("`{quota}`")).unwrap_or_default(),
            yes(route.is_cross_origin),
        )
        .unwrap();
    }
    hold("api.md", "routes", &table);
}

#[test]
fn every_signal_is_documented() {
    let registries = registries();
    let mut metrics = "| name | type | labels | meaning |\n|---|---|---|---|\n".to_owned();
    for metric in registries.iter().flat_map(|registry| &registry.metrics) {
        let (name, kind) = (&metric.name, kind(metric));
        writeln!(metrics, "| `{name}` | {kind} | {} | {} |", labels(metric), metric.help).unwrap();
    }
    hold("telemetry.md", "metrics", &metrics);

    let mut spans = "| name | kind | when | attributes |\n|---|---|---|---|\n".to_owned();
    for span in registries.iter().flat_map(|registry| &registry.spans) {
        let mut attributes = code(&span.attributes);
        if !span.events.is_empty() {
            write!(attributes, "; event {}", code(&span.events)).unwrap();
        }
        writeln!(spans, "| `{}` | {} | {} | {attributes} |", span.name, span.kind, span.when)
            .unwrap();
    }
    hold("telemetry.md", "spans", &spans);

    let mut logs = "| body | severity | when | attributes |\n|---|---|---|---|\n".to_owned();
    for log in registries.iter().flat_map(|registry| &registry.logs) {
        let attributes = code(&log.attributes);
        writeln!(logs, "| `{}` | {} | {} | {attributes} |", log.body, log.severity, log.when)
            .unwrap();
    }
    hold("telemetry.md", "logs", &logs);

    let mut attributes = "| name | meaning |\n|---|---|\n".to_owned();
    let mut meanings: Vec<_> =
        registries.iter().flat_map(|registry| &registry.attributes).collect();
    meanings.sort_by_key(|attribute| &attribute.name);
    for attribute in meanings {
        writeln!(attributes, "| `{}` | {} |", attribute.name, attribute.meaning).unwrap();
    }
    hold("telemetry.md", "attributes", &attributes);

    let mut variables = "| variable | default | meaning |\n|---|---|---|\n".to_owned();
    for variable in registries.iter().flat_map(|registry| &registry.variables) {
        let signals = if variable.per_signal { " ¹" } else { "" };
        writeln!(
            variables,
            "| `{}`{signals} | {} | {} |",
            variable.name, variable.default, variable.meaning
        )
        .unwrap();
    }
    hold("telemetry.md", "variables", &variables);
}

/// Every attribute that is named has one meaning, and every meaning is of an attribute.
#[test]
fn every_attribute_is_documented_once() {
    let registries = registries();
    let mut meanings: Vec<&str> = registries
        .iter()
        .flat_map(|registry| &registry.attributes)
        .map(|attribute| attribute.name.as_str())
        .collect();
    let spans = registries.iter().flat_map(|registry| &registry.spans);
    let logs = registries.iter().flat_map(|registry| &registry.logs);
    let mut named: Vec<&str> = spans
        .flat_map(|span| &span.attributes)
        .chain(logs.flat_map(|log| &log.attributes))
        .map(String::as_str)
        // Of an older convention, and on no span unless it is asked for.
        .chain(["db.user"])
        .collect();
    meanings.sort_unstable();
    named.sort_unstable();
    named.dedup();
    assert_eq!(meanings, named);
}

fn code(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn kind(metric: &MetricSpec) -> String {
    let kind = match metric.kind {
        MetricKind::Counter => "counter",
        MetricKind::Gauge => "gauge",
        MetricKind::Histogram => {
            let bounds: Vec<_> = metric.buckets.iter().map(ToString::to_string).collect();
            return format!(
                "histogram, {}: {}",
                metric.unit.as_deref().unwrap(),
                bounds.join(", ")
            );
        }
    };
    kind.to_owned()
}

fn labels(metric: &MetricSpec) -> String {
    let label = |label: &LabelSpec| match label.values.as_slice() {
        [] => format!("`{}`", label.name),
        values => format!("`{}`: {}", label.name, values.join(", ")),
    };
    metric.labels.iter().map(label).collect::<Vec<_>>().join("; ")
}
