//! The load generator, run once.

use serde_json::Value;

use crate::process::{output, program};

/// What the load generator says about a run.
pub(crate) struct Load(Value);

impl Load {
    /// Registers new people for so many seconds, in a closed loop.
    pub(crate) fn run(host: &str, connections: u32, seconds: f64) -> Self {
        let mut command = program("registration-load");
        command
            .args(["--json", "--mix=new=1", "--errors=100", "--host", host])
            .arg(format!("--concurrency={connections}"))
            .arg(format!("--duration={seconds}"));
        Self(serde_json::from_str(&output(&mut command)).unwrap())
    }

    pub(crate) fn number(&self, pointer: &str) -> f64 {
        self.maybe(pointer).unwrap_or_else(|| panic!("no {pointer} in {}", self.0))
    }

    /// Nothing where there was nothing to measure.
    pub(crate) fn maybe(&self, pointer: &str) -> Option<f64> {
        self.0.pointer(pointer)?.as_f64()
    }

    /// Registrations that were answered as stored.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.0["acknowledged"].as_u64().unwrap()
    }
}
