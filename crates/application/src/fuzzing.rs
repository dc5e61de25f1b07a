//! Fuzz targets: each takes any bytes, and panics where an invariant is broken.

use chrono::{DateTime, TimeDelta, Utc};

use crate::register::{FormSecret, is_confirmed_token, is_form_token, without_prefix};

/// The secret that signed the corpus's tokens.
const SECRET: &[u8] = b"fuzzing";

/// 2026-09-01T09:00:00Z, in milliseconds since 1970.
const NOW: i64 = 1_788_253_200_000;

/// The input as a key; then as the time, the random part and a forgery of a token.
pub fn form_token(data: &[u8]) {
    let secret = FormSecret::new(SECRET);
    let Some(now) = DateTime::from_timestamp_millis(NOW) else { return };
    if let Ok(key) = std::str::from_utf8(data) {
        check_key(&secret, key, now);
    }
    if let Some((time, rest)) = data.split_first_chunk::<5>()
        && let Some((random, [position, change, ..])) = rest.split_first_chunk::<10>()
    {
        let time = time.iter().fold(0, |time, byte| time << 8 | i64::from(*byte));
        check_forgery(&secret, time, *random, usize::from(*position), *change);
    }
}

fn check_key(secret: &FormSecret, key: &str, now: DateTime<Utc>) {
    let rest = without_prefix(key);
    assert_eq!(without_prefix(rest), rest);
    assert_eq!(is_form_token(key), key != rest && is_confirmed_token(rest));
    match secret.age(key, now) {
        Ok(None) => assert!(!is_form_token(key)),
        Ok(Some(age)) => {
            assert!(is_form_token(key) && age >= TimeDelta::zero());
            assert_eq!(issue_again(secret, rest), Some(key.to_owned()), "a second notation");
        }
        Err(_) => assert!(is_form_token(key)),
    }
}

/// The token with the time and the random part of this one.
fn issue_again(secret: &FormSecret, rest: &str) -> Option<String> {
    let (time, rest) = rest.split_once('-')?;
    let (random, _) = rest.split_once('-')?;
    let time = DateTime::from_timestamp_millis(i64::from_str_radix(time, 16).ok()?)?;
    let random: Option<Vec<u8>> = (0..10)
        .map(|byte| u8::from_str_radix(random.get(2 * byte..2 * byte + 2)?, 16).ok())
        .collect();
    Some(secret.issue(time, random?.try_into().ok()?))
}

fn check_forgery(secret: &FormSecret, time: i64, random: [u8; 10], position: usize, change: u8) {
    let Some(issued) = DateTime::from_timestamp_millis(time) else { return };
    let token = secret.issue(issued, random);
    check_key(secret, &token, issued);
    assert_eq!(secret.age(&token, issued + TimeDelta::seconds(5)), Ok(Some(TimeDelta::seconds(5))));
    let mut forged = token.clone().into_bytes();
    let position = position % forged.len();
    forged[position] ^= change & 0x7F;
    if let Ok(forged) = String::from_utf8(forged)
        && forged != token
    {
        assert!(!matches!(secret.age(&forged, issued), Ok(Some(_))), "a forgery is accepted");
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;

    #[test]
    fn corpora_are_replayed() {
        replay("form_token", super::form_token);
    }
}
