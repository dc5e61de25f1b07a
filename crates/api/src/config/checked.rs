//! Values that clap always takes, so that one check can report all that are wrong.

use std::{fmt, str::FromStr};

/// A value, or what is wrong with the text given for it.
#[derive(Clone, Debug)]
pub(super) struct Checked<T>(Result<T, String>);

impl<T: FromStr<Err: fmt::Display>> FromStr for Checked<T> {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.parse().map_err(|error: T::Err| error.to_string())))
    }
}

/// One option that cannot be used, and why. Never holds a secret.
#[derive(Debug)]
pub(crate) struct Mistake {
    variable: String,
    flag: String,
    why: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (--{}) {}", self.variable, self.flag, self.why)
    }
}

/// Gathers mistakes, and names each by its option's variable and flag.
pub(super) struct Mistakes<'a> {
    command: &'a clap::Command,
    mistakes: Vec<Mistake>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn of(command: &'a clap::Command) -> Self {
        Self { command, mistakes: Vec::new() }
    }

    /// The value, or a stand-in for it while the mistake is remembered.
    pub(super) fn take<T: Default>(&mut self, option: &str, value: Checked<T>) -> T {
        value.0.unwrap_or_else(|why| {
            self.refuse(option, why);
            T::default()
        })
    }

    /// Remembers a mistake.
    pub(super) fn refuse(&mut self, option: &str, why: String) {
        let argument = self.command.get_arguments().find(|argument| argument.get_id() == option);
        let variable = argument.and_then(clap::Arg::get_env).unwrap_or_default();
        let flag = argument.and_then(clap::Arg::get_long).unwrap_or_default().to_owned();
        let variable = variable.to_string_lossy().into_owned();
        self.mistakes.push(Mistake { variable, flag, why });
    }

    /// `value`, unless there was a mistake.
    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<Mistake>> {
        if self.mistakes.is_empty() { Ok(value) } else { Err(self.mistakes) }
    }
}
