//! Typed access to environment variables, by the rules of OpenTelemetry's specification: an empty value
//! counts as unset, and an unusable one becomes a [`Warning`] and the default.

/// An environment variable that is not followed. Contains no value that may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The variable's name.
    pub variable: String,
    /// What is wrong with it and what applies instead; continues a sentence that begins with the name.
    pub reason: String,
}

/// A variable that is set to more than white space.
pub(super) struct Variable {
    pub(super) name: String,
    pub(super) text: String,
}

/// Looks up variables and collects warnings.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) warnings: Vec<Warning>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, warnings: Vec::new() }
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?.trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// The first of `names` that is set.
    pub(super) fn first<const N: usize>(&self, names: [String; N]) -> Option<Variable> {
        names.into_iter().find_map(|name| Some(Variable { text: self.text(&name)?, name }))
    }

    pub(super) fn warn(&mut self, variable: &str, reason: impl Into<String>) {
        let warning = Warning { variable: variable.to_owned(), reason: reason.into() };
        // Variables that both signals share are read twice.
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    pub(super) fn boolean(&mut self, name: &str) -> bool {
        let text = self.text(name).map(|text| text.to_ascii_lowercase());
        if !matches!(text.as_deref(), None | Some("true" | "false")) {
            self.warn(name, "is neither true nor false: taken as false");
        }
        text.as_deref() == Some("true")
    }

    /// A whole number from 1 to `max`.
    pub(super) fn number(&mut self, variable: Option<Variable>, default: u64, max: u64) -> u64 {
        let Some(Variable { name, text }) = variable else { return default };
        let number = text.parse().ok().filter(|number| (1..=max).contains(number));
        number.unwrap_or_else(|| {
            self.warn(&name, format!("is not a whole number from 1 to {max}: {default} is used"));
            default
        })
    }

    /// The value of a keyword, in any case; `None` for the default.
    pub(super) fn choice<T: Copy>(
        &mut self,
        variable: Option<Variable>,
        keywords: &[(&str, T)],
    ) -> Option<T> {
        let Variable { name, text } = variable?;
        let found = keywords.iter().find(|(keyword, _)| keyword.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let keywords: Vec<_> = keywords.iter().map(|(keyword, _)| *keyword).collect();
            self.warn(&name, format!("is none of {}: the default is used", keywords.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// A comma-separated list of keywords, in lower case.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        let text = self.text(name)?.to_ascii_lowercase();
        Some(text.split(',').map(|word| word.trim().to_owned()).collect())
    }
}
