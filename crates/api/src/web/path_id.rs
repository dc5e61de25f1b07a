//! The id in a path.

use std::str::FromStr;

use super::problem::Problem;

/// Parses an id. Text that is none is the id of nothing.
pub(crate) fn parse<T: FromStr>(id: &str) -> Result<T, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}
