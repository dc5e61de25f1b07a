//! Kinds of requests, the answer that each expects, and the shares in which they are sent.

use std::str::FromStr;

use clap::ValueEnum;
use hyper::StatusCode;
use serde::Serialize;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum RequestKind {
    /// JSON, a new applicant.
    New,
    /// JSON, an address that was acknowledged before.
    Duplicate,
    /// JSON, an address without a domain.
    Invalid,
    /// A form, a new applicant.
    Form,
    /// JSON with an idempotency key, a new applicant.
    Keyed,
    /// The last keyed request again.
    Repeat,
}

impl RequestKind {
    /// The answer of a healthy service.
    pub(crate) const fn expected(self) -> StatusCode {
        match self {
            Self::New | Self::Keyed | Self::Repeat => StatusCode::CREATED,
            Self::Form => StatusCode::SEE_OTHER,
            Self::Duplicate => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }
}

/// The shares as a repeating cycle, over which each kind is spread evenly.
#[derive(Clone, Debug)]
pub(crate) struct Mix(Vec<RequestKind>);

impl Mix {
    /// The kind of the run's request with this number.
    pub(crate) fn kind(&self, number: u64) -> RequestKind {
        self.0[(number % self.0.len() as u64) as usize]
    }
}

impl FromStr for Mix {
    type Err = String;

    /// Places the requests of each kind at equal distances on a line, and reads them in its order.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut line = Vec::new();
        for part in text.split(',') {
            let (name, share) = part.trim().split_once('=').unwrap_or((part, ""));
            let kind = <RequestKind as ValueEnum>::from_str(name, false)
                .map_err(|_| format!("unknown kind {name:?}"))?;
            let share: u16 = share.parse().map_err(|error| format!("share of {name}: {error}"))?;
            let position = |index| (f64::from(index) + 0.5) / f64::from(share);
            line.extend((0..share).map(|index| (position(index), kind)));
        }
        line.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let cycle: Vec<_> = line.into_iter().map(|(_, kind)| kind).collect();
        if cycle.is_empty() { Err("all shares are 0".to_owned()) } else { Ok(Self(cycle)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str, count: u64) -> String {
        let mix: Mix = text.parse().unwrap();
        (0..count).map(|number| format!("{:?}", mix.kind(number)).remove(0)).collect()
    }

    #[test]
    fn shares_are_exact_spread_and_repeated() {
        assert_eq!(first("new=1", 4), "NNNN");
        assert_eq!(first("new=1,form=1", 6), "NFNFNF");
        assert_eq!(first("new=100, form=50", 6), "NFNNFN");
        let cycle = first("new=80,duplicate=5,invalid=5,form=10", 200);
        let count = |letter| cycle.matches(letter).count();
        assert_eq!([count("N"), count("D"), count("I"), count("F")], [160, 10, 10, 20]);
        assert!(!cycle.contains("FF") && cycle.starts_with("NN"), "{cycle}");
    }

    #[test]
    fn invalid_shares_are_rejected() {
        for (text, expected) in [
            ("", "unknown kind"),
            ("old=1", "unknown kind \"old\""),
            ("new", "share of new"),
            ("form=1,new=-1", "share of new"),
            ("new=65536", "share of new"),
            ("new=0,form=0", "all shares are 0"),
        ] {
            let error = text.parse::<Mix>().unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
