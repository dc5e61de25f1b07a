//! Which faults to inject, as configured, and where they are allowed.

use std::{collections::HashSet, fmt, str::FromStr, time::Duration};

/// Where they are allowed. An environment of another name may be production.
const ENVIRONMENTS: [&str; 3] = ["development", "test", "staging"];

/// Whether faults and demonstrations are allowed in a deployment environment; `None` where its name is unknown.
///
/// # Errors
///
/// The advice for an operator, to be read behind the option's name.
pub fn allowed_in(environment: Option<&str>) -> Result<(), String> {
    if environment.is_some_and(|name| ENVIRONMENTS.contains(&name)) {
        return Ok(());
    }
    let name = environment.map_or("unknown".to_owned(), |name| format!("{name:?}"));
    let allowed = ENVIRONMENTS.join(", ");
    Err(format!(
        "is set, and deployment.environment.name is {name}: it is allowed in {allowed} only"
    ))
}

/// Which faults to inject, each into a percentage of requests; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultPlan {
    /// The delay of a delayed insert.
    pub(super) latency: Duration,
    /// Percentage of inserts that are delayed.
    pub(super) delayed: u64,
    /// Percentage of inserts that fail unexpectedly.
    pub(super) error: u64,
    /// Percentage of inserts that find the database unreachable.
    pub(super) database: u64,
}

impl FaultPlan {
    /// Whether there is any fault to inject.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }

    fn set(&mut self, fault: &str) -> Option<()> {
        let (name, value) = fault.split_once('=')?;
        match name {
            "latency" => {
                let (latency, share) = value.split_once('@').unwrap_or((value, "100%"));
                self.latency = Duration::from_millis(number(latency.strip_suffix("ms")?)?);
                self.delayed = percent(share)?;
            }
            "error" => self.error = percent(value)?,
            "database" => self.database = percent(value)?,
            _ => return None,
        }
        Some(())
    }
}

impl FromStr for FaultPlan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut faults, mut named) = (Self::default(), HashSet::new());
        for fault in text.split(',').map(str::trim).filter(|fault| !fault.is_empty()) {
            let name = fault.split('=').next();
            faults.set(fault).filter(|()| named.insert(name)).ok_or_else(|| {
                format!(
                    "is {text:?}: write faults as in latency=500ms@20%,error=10%,database=100%, \
                     each once, with whole numbers"
                )
            })?;
        }
        Ok(faults)
    }
}

fn percent(text: &str) -> Option<u64> {
    number(text.strip_suffix('%')?).filter(|share| (1..=100).contains(share))
}

/// Digits only: `parse` accepts a sign as well.
fn number(text: &str) -> Option<u64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut faults = Vec::new();
        if self.delayed > 0 {
            faults.push(format!("latency={}ms@{}%", self.latency.as_millis(), self.delayed));
        }
        for (name, share) in [("error", self.error), ("database", self.database)] {
            if share > 0 {
                faults.push(format!("{name}={share}%"));
            }
        }
        f.write_str(&faults.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_as_they_are_written() {
        for text in ["", "error=10%", "latency=500ms@20%,error=1%,database=100%"] {
            assert_eq!(text.parse::<FaultPlan>().unwrap().to_string(), text);
        }
        let all = "latency=20ms , error=5%".parse::<FaultPlan>().unwrap();
        assert_eq!(all.to_string(), "latency=20ms@100%,error=5%");
        for wrong in [
            "error",
            "error=10",
            "error=0%",
            "error=101%",
            "latency=1s@1%",
            "fire=1%",
            "error=+5%",
            "error=1%,error=2%",
        ] {
            wrong.parse::<FaultPlan>().expect_err(wrong);
        }
    }

    #[test]
    fn faults_are_allowed_in_named_environments_alone() {
        for allowed in ENVIRONMENTS {
            assert_eq!(allowed_in(Some(allowed)), Ok(()));
        }
        for refused in [None, Some("production"), Some("")] {
            allowed_in(refused).unwrap_err();
        }
    }
}
