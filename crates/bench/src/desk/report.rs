//! The report on the desk, as Markdown, with its targets.

use std::fmt;

use super::{
    Desk,
    bulk::Bulk,
    exports::Export,
    figures::{Deep, Figure, REGISTRARS},
    imports::Import,
    registrars::Latencies,
};
use crate::{
    options::DeskOptions,
    ratio::{Ratio, Target},
};

/// Up to this number of students the targets of a hundred thousand hold, above it those of a million.
const FEW: u64 = 100_000;

/// The latencies that requests should have in milliseconds: their median, and 99 of 100.
fn targets(name: &str, is_few: bool) -> (Option<f64>, Option<f64>) {
    let pick = |few: f64, many: f64| Some(if is_few { few } else { many });
    match name {
        "list, first page" => (Some(5.0), pick(25.0, 30.0)),
        "one status, by name" => (None, pick(25.0, 40.0)),
        "search, one word" => (None, pick(30.0, 50.0)),
        "search, two words" => (None, pick(50.0, 80.0)),
        "confirm one" => (None, Some(20.0)),
        "the page *Today*" => (None, pick(25.0, 40.0)),
        _ => (None, None),
    }
}

impl fmt::Display for Desk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { options, subject, machine, load, rushes, .. } = self;
        let DeskOptions { students, requests, .. } = options;
        writeln!(f, "{machine}")?;
        writeln!(
            f,
            "{students} students on {}, {:.1} minutes in total. {requests} requests of each kind by one \
             registrar, one after the other, then by {REGISTRARS} who wait 100 ms between two. Load average before the run: {load}.\n",
            subject.name,
            self.elapsed.as_secs_f64() / 60.0
        )?;
        writeln!(
            f,
            "| | one: p50 ms | p99 ms | max ms | target p50 / p99 | | {REGISTRARS}: p50 ms | p99 ms |\n\
             |---|--:|--:|--:|--:|---|--:|--:|"
        )?;
        let is_few = *students <= FEW;
        self.figures.requests.iter().try_for_each(|figure| row(f, figure, is_few))?;

        writeln!(f, "\n| ratio of medians | is | blocks | target | |\n|---|--:|--:|--:|---|")?;
        for Deep { name, page, ratios } in &self.figures.deep {
            let name = &format!("list by {name}, page {page} ÷ first");
            let ratios = ratios.clone();
            write!(f, "{}", Ratio { name, target: Target::AtMost(1.2), ratios })?;
        }
        writeln!(f)?;
        self.write_values(f, is_few)?;
        rushes.iter().try_for_each(|rush| write!(f, "\n{rush}"))
    }
}

impl Desk<'_> {
    fn write_values(&self, f: &mut fmt::Formatter<'_>, is_few: bool) -> fmt::Result {
        let (indexing, figures) = (&self.indexing, &self.figures);
        writeln!(f, "| | is | target | |\n|---|--:|--:|---|")?;
        let indexed = indexing.indexed.as_secs_f64();
        value(f, "index from nothing, s", indexed, Some(if is_few { 30.0 } else { 300.0 }))?;
        value(f, "– of these until covered, s", indexing.covered.as_secs_f64(), None)?;
        value(f, "– until sealed, s", indexing.sealed.as_secs_f64(), None)?;
        value(f, "– entries of the journal", indexing.entries as f64, None)?;
        value(f, "– seals", indexing.seals as f64, None)?;
        value(f, "– CPU of the service, s", indexing.cpu.as_secs_f64(), None)?;
        value(f, "– peak memory meanwhile, MiB", indexing.peak_memory, None)?;
        let found = |share| figures.found.quantile(share);
        value(f, "registered → found by search, median, ms", found(0.5), None)?;
        value(f, "– longest, ms", found(1.0), Some(1500.0))?;
        for Bulk { students, target, decided, undone } in &figures.bulk {
            let decide = format!("a decision on {students} students at once, s");
            seconds(f, &decide, *decided, *target)?;
            seconds(f, "– and undoing it, s", *undone, *target)?;
        }
        for Export { name, download, memory } in &self.files.exports {
            let most = if is_few { 2.0 } else { 20.0 };
            if *name == "CSV" {
                seconds(f, "the list as CSV, first byte, s", download.first_byte, 0.2)?;
                seconds(f, "– all, s", download.all, most)?;
            } else {
                seconds(f, "the list as XLSX, all, s", download.all, most.max(5.0))?;
            }
            value(f, "– memory beyond idle, MiB", *memory, Some(16.0))?;
        }
        for Import { rows, targets, planned, stored, undone, memory } in &self.files.imports {
            let (preview, run) = *targets;
            seconds(f, &format!("preview of a file of {rows} rows, s"), *planned, preview)?;
            seconds(f, "– storing them, s", *stored, run)?;
            undone.map_or(Ok(()), |undone| value(f, "– undoing them, s", undone, None))?;
            value(f, "– memory beyond idle, MiB", *memory, Some(64.0))?;
        }
        value(f, "memory idle, MiB", figures.idle_memory, Some(64.0))?;
        value(f, "memory with registrars, peak, MiB", figures.peak_memory, Some(128.0))
    }
}

fn row(f: &mut fmt::Formatter<'_>, figure: &Figure, is_few: bool) -> fmt::Result {
    let Figure { name, one, several } = figure;
    let quantiles = |latencies: &Latencies| (latencies.quantile(0.5), latencies.quantile(0.99));
    let (p50, p99) = quantiles(one);
    let (most, (several_p50, several_p99)) = (one.quantile(1.0), quantiles(several));
    let (target_p50, target_p99) = targets(name, is_few);
    let text =
        |target: Option<f64>| target.map_or("–".to_owned(), |target| format!("{target:.0}"));
    let checks = [(p50, target_p50), (p99, target_p99)];
    let checks = checks.iter().filter_map(|(is, target)| Some(*is <= (*target)?));
    let verdict = match checks.reduce(|p50, p99| p50 && p99) {
        None => "",
        Some(true) => "met",
        Some(false) => "NOT met",
    };
    let target = format!("{} / {}", text(target_p50), text(target_p99));
    writeln!(
        f,
        "| {name} | {p50:.1} | {p99:.1} | {most:.1} | {target} | {verdict} \
         | {several_p50:.1} | {several_p99:.1} |"
    )
}

/// As [`value`], in hundredths.
fn seconds(f: &mut fmt::Formatter<'_>, name: &str, is: f64, target: f64) -> fmt::Result {
    let verdict = if is <= target { "met" } else { "NOT met" };
    writeln!(f, "| {name} | {is:.2} | ≤ {target} | {verdict} |")
}

/// A row with a single value, and the most that it should be.
fn value(f: &mut fmt::Formatter<'_>, name: &str, is: f64, target: Option<f64>) -> fmt::Result {
    let verdict = target.map_or("", |most| if is <= most { "met" } else { "NOT met" });
    let target = target.map_or("–".to_owned(), |most| format!("≤ {most:.0}"));
    let is = if is.fract() == 0.0 { format!("{is:.0}") } else { format!("{is:.1}") };
    writeln!(f, "| {name} | {is} | {target} | {verdict} |")
}
