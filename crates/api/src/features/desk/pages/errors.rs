//! The errors of a form.

use std::borrow::Cow;

/// Why the name of a person or a token was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameError {
    Missing,
    TooLong,
}

impl NameError {
    /// The reason for rejecting this name.
    pub(crate) fn of(typed: &str) -> Self {
        if typed.trim().is_empty() { Self::Missing } else { Self::TooLong }
    }

    /// The text for this error.
    pub(super) const fn text(self, missing: &'static str, too_long: &'static str) -> &'static str {
        match self {
            Self::Missing => missing,
            Self::TooLong => too_long,
        }
    }
}

/// What is wrong with a form, by the id of the element.
#[derive(Debug, Default)]
pub(super) struct FormErrors(Vec<(Cow<'static, str>, Cow<'static, str>)>);

impl FormErrors {
    /// Adds an error; `None` adds nothing.
    pub(super) fn add(&mut self, id: &'static str, text: Option<impl Into<Cow<'static, str>>>) {
        self.0.extend(text.map(|text| (id.into(), text.into())));
    }

    /// One error, or none.
    pub(super) fn one(
        id: impl Into<Cow<'static, str>>,
        text: Option<impl Into<Cow<'static, str>>>,
    ) -> Self {
        Self(text.map(|text| (id.into(), text.into())).into_iter().collect())
    }

    /// The error of this element.
    pub(super) fn of(&self, id: &str) -> Option<&str> {
        self.iter().find(|(other, _)| *other == id).map(|(_, text)| text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every error, in the order of the page.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(id, text)| (&**id, &**text))
    }
}
