//! Which traces are recorded.

use super::reader::Reader;

/// A sampler of OpenTelemetry's specification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Sampler {
    /// Whether the sampling decision of a remote parent takes precedence.
    pub(crate) parent_based: bool,
    /// The share of traces that is recorded, from 0 to 1.
    pub(crate) ratio: f64,
}

impl Sampler {
    pub(crate) const ALWAYS_OFF: Self = Self { parent_based: false, ratio: 0.0 };

    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let samplers = [
            ("always_on", (false, Some(1.0))),
            ("always_off", (false, Some(0.0))),
            ("traceidratio", (false, None)),
            ("parentbased_always_on", (true, Some(1.0))),
            ("parentbased_always_off", (true, Some(0.0))),
            ("parentbased_traceidratio", (true, None)),
        ];
        let variable = reader.first(["OTEL_TRACES_SAMPLER".to_owned()]);
        let chosen = reader.choice(variable, &samplers);
        let (parent_based, ratio) = chosen.unwrap_or((true, Some(1.0)));
        Self { parent_based, ratio: ratio.unwrap_or_else(|| read_ratio(reader)) }
    }
}

fn read_ratio(reader: &mut Reader<'_>) -> f64 {
    let name = "OTEL_TRACES_SAMPLER_ARG";
    let Some(text) = reader.text(name) else { return 1.0 };
    let ratio = text.parse().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.unwrap_or_else(|| {
        reader.warn(name, "is not a number from 0 to 1: 1 is used");
        1.0
    })
}
