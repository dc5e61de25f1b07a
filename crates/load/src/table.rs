//! A report for people: plain text within 80 columns.

use std::fmt;

use crate::report::{Latency, Report};

/// Writes a report as a table.
pub(crate) struct Table<'a>(pub(crate) &'a Report);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        writeln!(f, "{}", report.host)?;
        writeln!(f, "{}", report.description)?;
        writeln!(
            f,
            "{} requests in {:.3} s, {:.1} a second, {} people acknowledged",
            report.requests,
            report.seconds,
            report.requests_per_second(),
            report.acknowledged
        )?;

        writeln!(f, "\n{:<12} {:>10} {:>10} {:>10}", "kind", "sent", "expected", "others")?;
        for (kind, count) in &report.kinds {
            let others = count.sent - count.expected;
            let name = kind.name();
            writeln!(f, "{name:<12} {:>10} {:>10} {others:>10}", count.sent, count.expected)?;
        }

        writeln!(f, "\n{:<12} {:>10}", "status", "count")?;
        for (status, count) in report.statuses.iter().filter(|(_, count)| **count > 0) {
            writeln!(f, "{status:<12} {count:>10}")?;
        }

        if let Some(latency) = report.latency {
            let from = if report.closed_loop { "sending" } else { "the planned start" };
            writeln!(f, "\nlatency in ms, counted from {from}")?;
            latencies(f, latency)?;
        }

        writeln!(f)?;
        for threshold in &report.thresholds {
            writeln!(f, "{threshold}")?;
        }
        report.limited().map_or(Ok(()), |sentence| writeln!(f, "{sentence}"))
    }
}

fn latencies(f: &mut fmt::Formatter<'_>, latency: Latency) -> fmt::Result {
    for name in ["p50", "p90", "p99", "p99.9", "max"] {
        write!(f, "{name:>12}")?;
    }
    writeln!(f)?;
    for value in [latency.p50, latency.p90, latency.p99, latency.p999, latency.max] {
        write!(f, "{value:>12.3}")?;
    }
    writeln!(f)
}
