//! Which kind of request comes next, and what answer it is owed. Not what is in it: `people.rs`.

use std::str::FromStr;

use hyper::StatusCode;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// JSON, somebody new.
    New,
    /// JSON, an address that was acknowledged before.
    Duplicate,
    /// JSON with a broken address.
    Invalid,
    /// A form, somebody new.
    Form,
    /// JSON with an idempotency key, somebody new.
    Keyed,
    /// The last keyed one again.
    Repeat,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::New, Self::Duplicate, Self::Invalid, Self::Form, Self::Keyed, Self::Repeat];

    /// As `--mix` and the results call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Duplicate => "duplicate",
            Self::Invalid => "invalid",
            Self::Form => "form",
            Self::Keyed => "keyed",
            Self::Repeat => "repeat",
        }
    }

    /// What a service in good health answers.
    pub(crate) const fn expected(self) -> StatusCode {
        match self {
            Self::New | Self::Keyed | Self::Repeat => StatusCode::CREATED,
            Self::Form => StatusCode::SEE_OTHER,
            Self::Duplicate => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// Whether it registers somebody who was not there before.
    pub(crate) const fn registers(self) -> bool {
        matches!(self, Self::New | Self::Form | Self::Keyed)
    }
}

/// Shares of each kind, laid out as a cycle in which every kind is spread evenly.
#[derive(Clone, Debug)]
pub(crate) struct Mix {
    cycle: Vec<Kind>,
}

impl Mix {
    /// More than any sensible share needs; a cycle stays small.
    const MOST: u32 = 10_000;

    /// The kind of a run's request with this number.
    pub(crate) fn kind(&self, number: u64) -> Kind {
        // A slice's length is far below 2^64, and the remainder below that.
        self.cycle[(number % self.cycle.len() as u64) as usize]
    }

    /// Smooth weighted round-robin: in each turn every kind gains its share, and the richest pays
    /// for all. The shares of whoever is first break ties.
    fn of_shares(shares: [u32; Kind::ALL.len()]) -> Self {
        let divisor = shares.into_iter().fold(0, greatest_common_divisor).max(1);
        let shares = shares.map(|share| i64::from(share / divisor));
        let sum: i64 = shares.iter().sum();
        let mut wealth = [0; Kind::ALL.len()];
        let mut next = || {
            for (wealth, share) in wealth.iter_mut().zip(shares) {
                *wealth += share;
            }
            let mut richest = 0;
            for (index, wealth_here) in wealth.iter().enumerate() {
                if *wealth_here > wealth[richest] {
                    richest = index;
                }
            }
            wealth[richest] -= sum;
            Kind::ALL[richest]
        };
        Self { cycle: (0..sum).map(|_| next()).collect() }
    }
}

impl FromStr for Mix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut shares = [None; Kind::ALL.len()];
        for part in text.split(',') {
            let (name, share) = part.trim().split_once('=').ok_or_else(|| {
                format!("{part:?} is no share: write shares as in new=80,duplicate=20")
            })?;
            let index = Kind::ALL.iter().position(|kind| kind.name() == name).ok_or_else(|| {
                let names = Kind::ALL.map(Kind::name).join(", ");
                format!("there is no kind {name:?}: there are {names}")
            })?;
            let share = share.parse().ok().filter(|share| *share <= Self::MOST);
            let share = share.ok_or_else(|| {
                format!("the share of {name} is a whole number from 0 to {}", Self::MOST)
            })?;
            if shares[index].replace(share).is_some() {
                return Err(format!("{name} stands twice"));
            }
        }
        let shares = shares.map(Option::unwrap_or_default);
        let has = |wanted: fn(Kind) -> bool| {
            Kind::ALL.iter().zip(shares).any(|(kind, share)| wanted(*kind) && share > 0)
        };
        match () {
            () if shares == [0; Kind::ALL.len()] => Err("no kind has a share".to_owned()),
            () if has(|kind| kind == Kind::Duplicate) && !has(Kind::registers) => {
                Err("duplicate repeats somebody new: give new, form or keyed a share".to_owned())
            }
            () if has(|kind| kind == Kind::Repeat) && !has(|kind| kind == Kind::Keyed) => {
                Err("repeat needs a key to repeat: give keyed a share".to_owned())
            }
            () => Ok(Self::of_shares(shares)),
        }
    }
}

const fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str, count: u64) -> String {
        let mix: Mix = text.parse().unwrap();
        (0..count).map(|number| &mix.kind(number).name()[..1]).collect()
    }

    #[test]
    fn shares_are_met_exactly_and_spread() {
        assert_eq!(first("new=1", 4), "nnnn");
        assert_eq!(first("new=1,form=1", 6), "nfnfnf");
        assert_eq!(first("new=5, duplicate=1, invalid=1", 7), "nndninn");
        assert_eq!(first("form=50,new=100", 6), "nfnnfn");
        let cycle = first("new=80,duplicate=5,invalid=5,form=10", 20);
        let count = |letter| cycle.matches(letter).count();
        assert_eq!([count("n"), count("d"), count("i"), count("f")], [16, 1, 1, 2]);
        assert!(!cycle.contains("ff") && cycle.starts_with("nn"), "{cycle}");
    }

    #[test]
    fn the_cycle_begins_again() {
        let mix: Mix = "keyed=2,repeat=1".parse().unwrap();
        for number in 0..9 {
            assert_eq!(mix.kind(number), mix.kind(number + 3_000_000));
        }
    }

    #[test]
    fn mistakes_are_told() {
        for (text, told) in [
            ("", "no share"),
            ("new", "no share"),
            ("new=", "whole number"),
            ("new=-1", "whole number"),
            ("new=1.5", "whole number"),
            ("new=10001", "whole number"),
            ("old=1", "no kind \"old\""),
            ("new=1,new=2", "twice"),
            ("new=0,form=0", "no kind has a share"),
            ("duplicate=1,invalid=1", "give new, form or keyed"),
            ("repeat=1,new=1", "give keyed"),
        ] {
            let error = text.parse::<Mix>().unwrap_err();
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
