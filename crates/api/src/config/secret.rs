//! Secrets, and the files that hold them. Each error completes the sentence "VARIABLE …", and shows
//! nothing of the secret.

use std::{collections::BTreeSet, fmt, fs, str::FromStr};

/// A secret: `Debug` does not show it.
#[derive(Clone, Default)]
pub(crate) struct Secret(String);

impl Secret {
    const MIN: usize = 16;
    /// Different characters, and different steps from a character to the next, that a random text
    /// of sixteen characters has: repeated words and counted digits have fewer.
    const MIN_DIFFERENT: usize = 8;

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl FromStr for Secret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let characters: Vec<u32> = text.chars().map(u32::from).collect();
        if characters.len() < Self::MIN {
            return Err(format!(
                "has {} characters: write {} or more",
                characters.len(),
                Self::MIN
            ));
        }
        let different: BTreeSet<_> = characters.iter().collect();
        let steps: BTreeSet<_> =
            characters.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        if different.len().min(steps.len()) < Self::MIN_DIFFERENT {
            return Err("can be guessed: write a random text, as openssl rand -hex 32 gives".into());
        }
        Ok(Self(text.to_owned()))
    }
}

/// A value in a file, without white space at its ends. The text is the file's path.
#[derive(Clone, Debug, Default)]
pub(super) struct FromFile<T>(pub(super) T);

impl<T: FromStr<Err: fmt::Display>> FromStr for FromFile<T> {
    type Err = String;

    fn from_str(path: &str) -> Result<Self, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("is {path:?}, which cannot be read: {error}"))?;
        let value = text.trim().parse();
        value.map(Self).map_err(|error| format!("is {path:?}; the text in it {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_long_random_and_never_shown() {
        let secret: Secret = "8f2b1c9d3e7a6054".parse().unwrap();
        assert_eq!((secret.as_bytes().len(), format!("{secret:?}")), (16, "Secret".to_owned()));
        for (weak, why) in [
            ("", "has 0 characters: write 16 or more"),
            ("8f2b1c9d3e7a605", "has 15 characters: write 16 or more"),
            ("passwordpassword", "can be guessed"),
            ("changemechangeme", "can be guessed"),
            ("1234567890123456", "can be guessed"),
            ("abcdefghijklmnopqrstuvwxyz", "can be guessed"),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "can be guessed"),
        ] {
            assert!(weak.parse::<Secret>().is_err_and(|error| error.starts_with(why)), "{weak}");
        }
    }
}
