//! The log filter, in the syntax of `RUST_LOG`.

use tracing_subscriber::{EnvFilter, filter::ParseError};

/// Why a log filter is refused.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// It cannot be parsed.
    #[error("is not a log filter, as in info or warn,my_service=debug")]
    Syntax(#[from] ParseError),
    /// It names a span, which filters nothing: log lines do not depend on spans.
    #[error("filters lines by target and level, not by span")]
    Span,
}

/// Checks that `init` accepts a filter.
///
/// # Errors
///
/// The reason why it does not.
pub fn check_filter(filter: &str) -> Result<(), FilterError> {
    parse_filter(filter).map(drop)
}

pub(super) fn parse_filter(filter: &str) -> Result<EnvFilter, FilterError> {
    if filter.contains('[') {
        return Err(FilterError::Span);
    }
    Ok(EnvFilter::builder().parse(filter)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_has_no_effect_is_refused() {
        assert!(check_filter("warn,my_service=debug").is_ok());
        assert!(matches!(check_filter("warn,,=x="), Err(FilterError::Syntax(_))));
        assert!(matches!(check_filter("[db_insert_student]=debug"), Err(FilterError::Span)));
    }
}
