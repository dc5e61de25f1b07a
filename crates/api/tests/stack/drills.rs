//! Each alert is made to fire by its fault, as `infra/prometheus/drills.toml` names it, and resolves.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use registration_testkit::{ignored_if, wait_until};
use serde::Deserialize;

use crate::{
    configuration, files,
    load::Load,
    prometheus::{firing, query},
    scaled::unscaled,
    stack::Stack,
};

/// How long an alert may take to fire or to resolve: the longest that keeps one from resolving is six
/// hours.
const PATIENCE: Duration = Duration::from_secs(150);

/// One of `infra/prometheus/drills.toml`.
#[derive(Deserialize)]
struct Drill {
    alert: String,
    faults: String,
    stop: String,
    lock: String,
    load: bool,
}

#[derive(Deserialize)]
struct Drills {
    drill: Vec<Drill>,
}

pub(crate) fn trials() -> Vec<Trial> {
    let drills: Drills = toml::from_str(&files::text("prometheus/drills.toml")).unwrap();
    drills.drill.into_iter().map(trial).collect()
}

fn trial(drill: Drill) -> Trial {
    let absent = (drill.alert == "CollectorLosesTelemetry")
        .then_some("the collector here is another, without these metrics; promtool has its cases");
    ignored_if(absent, format!("{}_fires_and_resolves", drill.alert), move || {
        fires_and_resolves(&drill);
        Ok(())
    })
}

fn fires_and_resolves(drill: &Drill) {
    let mut stack = Stack::start();
    let load = drill.load.then(|| Load::start(&stack.url()));
    let guard = "sum(registration:requests:increase1h) > 100";
    let is_busy = || query(&stack.prometheus, guard).is_ok_and(|series| !series.is_empty());
    assert!(load.is_none() || wait_until(PATIENCE, is_busy), "no load");
    let firing = |stack: &Stack| firing(&stack.alertmanager, &drill.alert);
    assert_eq!(firing(&stack), 0, "it fires without a fault");

    let begun = Instant::now();
    if !drill.faults.is_empty() {
        stack.serve(&drill.faults);
    }
    stack.stop(&drill.stop);
    let lock = stack.lock(&drill.lock);
    let fired = wait_until(PATIENCE, || firing(&stack) > 0).then(|| begun.elapsed());
    // Of a budget, in every window: one that comes later would look like one that does not resolve.
    let wanted = windows(&drill.alert);
    let all = fired.is_some() && wait_until(PATIENCE, || firing(&stack) >= wanted);

    let begun = Instant::now();
    stack.start_again(&drill.stop);
    drop(lock);
    if !drill.faults.is_empty() {
        stack.serve("");
    }
    let Some(fired) = fired else { panic!("{} does not fire", drill.alert) };
    assert!(all, "{} fires in {} of {wanted} windows", drill.alert, firing(&stack));
    let resolved = wait_until(PATIENCE, || firing(&stack) == 0);
    assert!(resolved, "{} does not resolve", drill.alert);
    println!(
        "{}: fired after {fired:.1?} ({}), all of it resolved after {:.1?} ({})",
        drill.alert,
        unscaled(fired),
        begun.elapsed(),
        unscaled(begun.elapsed())
    );
}

/// In how many windows an alert is looked for; one, where it is no budget's.
fn windows(alert: &str) -> usize {
    let rules = configuration::rules();
    let windows = rules.iter().filter(|rule| rule["alert"] == alert);
    windows.filter(|rule| rule["labels"].get("window").is_some()).count().max(1)
}
