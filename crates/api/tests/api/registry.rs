//! The registries (`telemetry.toml`) against everything that the services of all trials have
//! emitted: it is registered, and after a whole run the reverse: what is registered was emitted.
//!
//! Both sides are sets of facts such as `span home_handler: internal` and
//! `metric http_requests_total: method=GET`, so that a difference names what is missing.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Arguments, Conclusion, Trial};
use regex::Regex;
use registration_telemetry::registry::Registry;
use registration_testkit::{Backend, telemetry::emitted};

/// The trial after all others.
pub(crate) const TRIAL: &str = "the_registries_list_what_the_services_emitted";

/// What is not the service's: `doctor` tries a collector with one span and one record.
const UNREGISTERED: [&str; 2] = ["span doctor: internal", "log doctor: INFO"];

/// What no trial provokes, by the beginning of its facts.
const NEVER_EMITTED: [&str; 12] = [
    "log Address not available", // needs a host name with an address of another host
    "log Panicked",              // a programming error
    "log Expired idempotency keys not deleted", // an hour passes before the first deletion
    "label operation: DELETE idempotency_keys", // the same
    "label operation: DELETE imports", // by a job at the start, whose statements may have no span
    "label operation: SELECT journal_seals", // read by the command `journal verify`, which has no metrics
    "label reason: future_key",              // needs a clock that is set back
    "label reason: conflict",                // needs a cluster
    "label reason: unavailable",             // a cause that has no reason of its own
    "label signal: stdout",                  // needs a reader that stops, unlike `Service`
    "label phase: request",                  // a handler that exceeds its own limits
    "metric process_virtual_memory_max_bytes", // needs a limit of the host
];

type Facts = BTreeSet<String>;

/// Compares after the other trials; `arguments` are theirs.
pub(crate) fn run(mut arguments: Arguments, trials: &Conclusion) -> Conclusion {
    let backends = Backend::ALL.iter().all(|backend| backend.skip_reason().is_none());
    let selected = arguments.filter.is_some() || !arguments.skip.is_empty() || arguments.ignored;
    let whole = backends && !selected && !trials.has_failed();
    (arguments.filter, arguments.skip, arguments.logfile) = (None, Vec::new(), None);
    libtest_mimic::run(&arguments, vec![Trial::test(TRIAL, move || compare(whole))])
}

fn compare(whole: bool) -> Result<(), libtest_mimic::Failed> {
    let registries = [
        include_str!("../../telemetry.toml"),
        registration_persistence::TELEMETRY,
        registration_telemetry::TELEMETRY,
    ]
    .map(|text| Registry::parse(text).unwrap());
    let (known, expected) = registered(&registries);
    let seen = seen();
    let is_foreign = |fact: &&String| UNREGISTERED.contains(&fact.as_str());
    let unregistered: Vec<_> = seen.difference(&known).filter(|fact| !is_foreign(fact)).collect();
    let excepted = |fact: &&String| NEVER_EMITTED.iter().any(|never| fact.starts_with(never));
    let never = expected.difference(&seen).filter(|fact| whole && !excepted(fact));
    let never: Vec<_> = never.collect();
    let codes = if whole { crate::description::unseen_codes() } else { Vec::new() };
    if unregistered.is_empty() && never.is_empty() && codes.is_empty() {
        return Ok(());
    }
    Err(format!(
        "emitted, but not registered: {unregistered:#?}; registered, but never emitted: {never:#?}; codes of problems that no trial has seen: {codes:#?}"
    )
    .into())
}

/// The facts that may be seen, and those that a whole run has to see.
fn registered(registries: &[Registry]) -> (Facts, Facts) {
    let (mut known, mut expected) = (Facts::new(), Facts::new());
    let attributes = || registries.iter().flat_map(|registry| &registry.attributes);
    let older = Regex::new("Older name: `([^`]+)`").unwrap();
    let older: Vec<_> = attributes()
        .filter_map(|attribute| match older.captures(&attribute.meaning) {
            Some(older) => Some(older[1].to_owned()),
            None => attribute.meaning.starts_with("Older").then(|| attribute.name.clone()),
        })
        .collect();
    known.extend(older.iter().map(|name| format!("attribute {name}")));
    known.extend(attributes().map(|attribute| format!("attribute {}", attribute.name)));
    for span in registries.iter().flat_map(|registry| &registry.spans) {
        expected.insert(format!("span {}: {}", span.name, span.kind));
        expected.extend(span.attributes.iter().map(|name| format!("span {}: {name}", span.name)));
        expected.extend(span.events.iter().map(|name| format!("span {}: ! {name}", span.name)));
        known.extend(older.iter().map(|name| format!("span {}: {name}", span.name)));
    }
    for log in registries.iter().flat_map(|registry| &registry.logs) {
        expected.insert(format!("log {}: {}", log.body, log.severity));
        expected.extend(log.attributes.iter().map(|name| format!("log {}: {name}", log.body)));
    }
    let of_code = documented_values();
    for metric in registries.iter().flat_map(|registry| &registry.metrics) {
        let (name, kind) = (&metric.name, format!("{:?}", metric.kind).to_lowercase());
        let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
        known.insert(format!("metric {name}: {kind}({})", labels.join(",")));
        expected.insert(format!("metric {name}: other than zero"));
        for label in &metric.labels {
            let documented = of_code.get(&(name.clone(), label.name.clone()));
            let values = if label.values.is_empty() { documented } else { Some(&label.values) };
            for value in values.unwrap_or(&vec!["*".to_owned()]) {
                known.insert(format!("metric {name}: {}={value}", label.name));
                expected.insert(format!("label {}: {value}", label.name));
            }
        }
    }
    known.extend(expected.iter().cloned());
    (known, expected)
}

/// The values of labels as `docs/telemetry.md` has them, which is generated from the code.
fn documented_values() -> BTreeMap<(String, String), Vec<String>> {
    let row = Regex::new(r"(?m)^\| `([a-z_]+)` \| (?:counter|gauge|histogram)[^|]*\| ([^|]*) \|")
        .unwrap();
    let label = Regex::new("`([a-z_]+)`: ([^;]+)").unwrap();
    let mut documented = BTreeMap::new();
    for row in row.captures_iter(include_str!("../../../../docs/telemetry.md")) {
        for label in label.captures_iter(&row[2]) {
            let values = label[2].split(", ").map(str::to_owned).collect();
            documented.insert((row[1].to_owned(), label[1].to_owned()), values);
        }
    }
    documented
}

fn seen() -> Facts {
    let emitted = emitted();
    let mut seen = Facts::new();
    for log in &emitted.logs {
        seen.insert(format!("log {}: {}", log.body, log.severity));
        seen.extend(log.attributes.iter().map(|name| format!("log {}: {name}", log.body)));
    }
    for span in &emitted.spans {
        seen.insert(format!("span {}: {}", span.name, span.kind));
        seen.extend(span.events.iter().map(|name| format!("span {}: ! {name}", span.name)));
        for name in &span.attributes {
            seen.extend([format!("span {}: {name}", span.name), format!("attribute {name}")]);
        }
    }
    for sample in &emitted.samples {
        let name = &sample.name;
        let labels: Vec<_> = sample.labels.iter().map(|(label, _)| label.as_str()).collect();
        seen.insert(format!("metric {name}: {}({})", sample.kind, labels.join(",")));
        if sample.nonzero {
            seen.insert(format!("metric {name}: other than zero"));
        }
        for (label, value) in &sample.labels {
            let value = if name == "build_info" { "*" } else { value };
            seen.insert(format!("metric {name}: {label}={value}"));
            if sample.nonzero {
                seen.insert(format!("label {label}: {value}"));
            }
        }
    }
    seen
}
