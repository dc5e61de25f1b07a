//! Values that clap always accepts, so that one check can report every error.

use std::{fmt, str::FromStr};

use super::secret::FromFile;

/// A value, or the error in its text. White space at the ends is no part of a value: files, and
/// secrets of orchestrators, end in a line break.
#[derive(Clone, Debug)]
pub(super) struct Checked<T>(Result<T, String>);

impl<T: FromStr<Err: fmt::Display>> FromStr for Checked<T> {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().parse().map_err(|error: T::Err| error.to_string())))
    }
}

/// An option with an invalid value, and why. Never holds a secret.
#[derive(Debug)]
pub(crate) struct ConfigError {
    variable: String,
    flag: String,
    why: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (--{}) {}", self.variable, self.flag, self.why)
    }
}

/// Collects errors, and names each by its option's variable and flag.
pub(super) struct ConfigErrors<'a> {
    command: &'a clap::Command,
    errors: Vec<ConfigError>,
}

impl<'a> ConfigErrors<'a> {
    pub(super) fn new(command: &'a clap::Command) -> Self {
        Self { command, errors: Vec::new() }
    }

    /// The value, or a default while its error is recorded.
    pub(super) fn value_or_record<T: Default>(&mut self, option: &str, value: Checked<T>) -> T {
        value.0.unwrap_or_else(|why| {
            self.record(option, why);
            T::default()
        })
    }

    /// The value of an option, or of the file that the option with `_file` behind its name gives.
    pub(super) fn value_or_file<T: Default>(
        &mut self,
        option: &str,
        value: Option<Checked<T>>,
        file: Option<Checked<FromFile<T>>>,
    ) -> Option<T> {
        let file_option = format!("{option}_file");
        let is_twice = value.is_some() && file.is_some();
        let value = match (value, file) {
            (Some(value), _) => Some(self.value_or_record(option, value)),
            (None, Some(file)) => Some(self.value_or_record(&file_option, file).0),
            (None, None) => None,
        };
        if is_twice {
            let (variable, _) = self.names(option);
            self.record(&file_option, format!("is set beside {variable}: set one of the two"));
        }
        value
    }

    /// Records an error.
    pub(super) fn record(&mut self, option: &str, why: String) {
        let (variable, flag) = self.names(option);
        self.errors.push(ConfigError { variable, flag, why });
    }

    /// An option's variable and flag.
    fn names(&self, option: &str) -> (String, String) {
        let argument = self.command.get_arguments().find(|argument| argument.get_id() == option);
        let variable = argument.and_then(clap::Arg::get_env).unwrap_or_default();
        let flag = argument.and_then(clap::Arg::get_long).unwrap_or_default().to_owned();
        (variable.to_string_lossy().into_owned(), flag)
    }

    /// `value`, unless there is an error.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<ConfigError>> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }
}
