//! The report, as Markdown.

use std::{
    fmt,
    time::{Duration, Instant},
};

use crate::{
    large_table::LargeTable,
    machine::Machine,
    options::ReportOptions,
    overload::{OVERLOAD, Overload},
    ratio::{
        Ratio, Ratios,
        Target::{AtLeast, AtMost, Unset},
    },
    receivers::Receivers,
    rounds::{MAIN, Rounds},
    sample::{Sample, Samples, median, range},
    sequential::Sequential,
    subject::{BARE, COMMIT_EACH, MARIADB, MARIADB_FULL, MARIADB_OFF, MARIADB_TENTH},
};

/// Everything that was measured.
pub(crate) struct Report<'a> {
    options: &'a ReportOptions,
    machine: Machine,
    rounds: Rounds,
    sequential: Sequential,
    large: Option<LargeTable>,
    overload: Overload,
    receivers: Receivers,
    elapsed: Duration,
}

impl<'a> Report<'a> {
    pub(crate) fn measure(options: &'a ReportOptions) -> Self {
        let begun = Instant::now();
        let mut report = Self {
            options,
            machine: Machine::examine(),
            rounds: Rounds::measure(options),
            sequential: Sequential::measure(),
            large: LargeTable::measure(options),
            overload: Overload::measure(options),
            receivers: Receivers::measure(options),
            elapsed: Duration::ZERO,
        };
        report.elapsed = begun.elapsed();
        report
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReportOptions { rounds, seconds_each, rows, .. } = self.options;
        let minutes = self.elapsed.as_secs_f64() / 60.0;
        writeln!(f, "{}", self.machine)?;
        writeln!(
            f,
            "Each measured for {seconds_each} s in each of {rounds} rounds, {minutes:.1} minutes in \
             total. Medians of the rounds.\n"
        )?;

        writeln!(f, "### Ratios\n\n| ratio | is | rounds | target | |\n|---|--:|--:|--:|---|")?;
        self.ratios().iter().try_for_each(|ratio| write!(f, "{ratio}"))?;

        writeln!(f, "\n### Registrations\n")?;
        head(f)?;
        for case in &self.rounds.cases {
            row(f, case.subject.name, case.connections, &case.samples)?;
        }

        writeln!(f, "\n### The database alone\n\n| | rows/s | rounds |\n|---|--:|--:|")?;
        for (limit, rates) in &self.rounds.limits {
            writeln!(f, "| {limit} | {:.0} | {} |", median(rates), Range(rates))?;
        }

        writeln!(f, "\n### One request at a time\n")?;
        head(f)?;
        row(f, MARIADB.name, 1, &self.sequential.shared)?;
        row(f, COMMIT_EACH.name, 1, &self.sequential.each)?;

        if let Some(large) = &self.large {
            let filling = large.filling.as_secs_f64();
            writeln!(f, "\n### A large table\n\n{rows} rows, written in {filling:.0} s.\n")?;
            head(f)?;
            row(f, "an empty table", MAIN, &large.empty)?;
            row(f, "a large table", MAIN, &large.large)?;
        }

        writeln!(f, "\n### Overload\n\nWith `DATABASE_QUEUE_SIZE=64`.\n")?;
        head(f)?;
        row(f, "busy", MAIN, &self.overload.busy)?;
        row(f, "overloaded", OVERLOAD, &self.overload.overloaded)?;
        writeln!(f)?;
        refused(f, "busy", &self.overload.busy)?;
        refused(f, "overloaded", &self.overload.overloaded)?;

        writeln!(f, "\n### Receivers that fail\n\nTelemetry full, on MariaDB.\n")?;
        head(f)?;
        self.receivers.0.iter().try_for_each(|(one, samples)| row(f, one.name, MAIN, samples))
    }
}

impl Report<'_> {
    fn ratios(&self) -> Vec<Ratio<'_>> {
        let rates = |subject| self.rounds.of(subject, MAIN).rates();
        let (service, bare, off) = (rates(MARIADB), rates(BARE), rates(MARIADB_OFF));
        let [one_row, hundred_rows] = [1, 100].map(|rows| self.rounds.limit(rows));
        let p50 = |samples: &Samples| samples.all(|sample| sample.p50);
        let Overload { busy, overloaded } = &self.overload;
        let ratio = |name, target, upper: &[f64], lower: &[f64]| Ratio {
            name,
            target,
            ratios: Ratios::new(upper, lower),
        };
        let mut ratios = vec![
            ratio("shared commit ÷ a commit each", AtLeast(3.0), &service, &rates(COMMIT_EACH)),
            ratio("service ÷ database, one row per transaction", AtLeast(1.5), &service, one_row),
            ratio("service ÷ database, 100 rows per transaction", Unset, &service, hundred_rows),
            ratio("service ÷ bare handler", AtLeast(1.0 / 3.0), &service, &bare),
            ratio("telemetry full ÷ bare handler", AtLeast(0.25), &rates(MARIADB_FULL), &bare),
            ratio("telemetry default ÷ off", Unset, &service, &off),
            ratio("telemetry full, 10 % of traces ÷ off", Unset, &rates(MARIADB_TENTH), &off),
            ratio("telemetry full ÷ off", Unset, &rates(MARIADB_FULL), &off),
            ratio(
                "latency of one request, shared commit ÷ a commit each",
                AtMost(1.1),
                &p50(&self.sequential.shared),
                &p50(&self.sequential.each),
            ),
        ];
        if let Some(LargeTable { large, empty, .. }) = &self.large {
            let (large, empty) = (large.rates(), empty.rates());
            ratios.push(ratio("large table ÷ empty table", AtLeast(0.85), &large, &empty));
        }
        let (busy, overloaded) = (busy.rates(), overloaded.rates());
        ratios.push(ratio("overloaded ÷ busy", AtLeast(0.8), &overloaded, &busy));
        ratios
    }
}

fn head(f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(
        "| | connections | registrations/s | rounds | p50 ms | p99 ms | CPU µs | peak MiB \
         | errors | dropped |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    )
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, connections: u32, samples: &Samples) -> fmt::Result {
    let median = |value: fn(&Sample) -> f64| samples.median(value);
    let (rate, range) = (median(|sample| sample.rate), Range(&samples.rates()));
    write!(f, "| {name} | {connections} | {rate:.0} | {range} ")?;
    let (p50, p99) = (median(|sample| sample.p50), median(|sample| sample.p99));
    let (cpu, memory) = (median(|sample| sample.cpu), median(|sample| sample.memory));
    write!(f, "| {p50:.2} | {p99:.2} | {cpu:.0} | {memory:.0} ")?;
    let (errors, dropped) = (samples.sum(|sample| sample.errors), samples.sum(|one| one.dropped));
    writeln!(f, "| {errors:.0} | {dropped:.0} |")
}

/// A sentence on the refused requests.
fn refused(f: &mut fmt::Formatter<'_>, name: &str, samples: &Samples) -> fmt::Result {
    let share = samples.median(|sample| sample.refused) * 100.0;
    write!(f, "- {name}: {share:.1} % of the answers were 503")?;
    let p99: Vec<_> = samples.0.iter().filter_map(|sample| sample.refused_p99).collect();
    match &p99[..] {
        [] => writeln!(f),
        p99 => writeln!(f, ", 99 of 100 of them within {:.2} ms", median(p99)),
    }
}

/// The minimum and the maximum, without decimals.
struct Range<'a>(&'a [f64]);

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (min, max) = range(self.0);
        write!(f, "{min:.0} – {max:.0}")
    }
}
