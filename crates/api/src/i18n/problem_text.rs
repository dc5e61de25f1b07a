//! The two texts of a problem.

/// The text of a problem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProblemText {
    /// The kind of problem.
    pub(crate) title: &'static str,
    /// What the reader can do about it.
    pub(crate) detail: &'static str,
}
