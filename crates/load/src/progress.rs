//! The progress bar, on standard error; none where that is no terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, style::TemplateError};

use crate::schedule::Extent;

/// A run's progress. The bar is gone when this is dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    extent: Extent,
    begun: Instant,
}

impl Progress {
    /// Shows a bar where there is a terminal.
    ///
    /// # Errors
    ///
    /// None with this template.
    pub(crate) fn new(extent: Extent) -> Result<Self, TemplateError> {
        let length = match extent {
            Extent::Runs(runs) => runs,
            Extent::Duration(duration) => milliseconds(duration),
        };
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg} requests")?;
        Ok(Self { bar: bar.with_style(style), extent, begun: Instant::now() })
    }

    /// Shows how many requests have an outcome.
    pub(crate) fn show(&self, requests: u64) {
        self.bar.set_message(requests.to_string());
        self.bar.set_position(match self.extent {
            Extent::Runs(_) => requests,
            Extent::Duration(_) => milliseconds(self.begun.elapsed()),
        });
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
