//! Fuzz targets: each takes any bytes, and panics where an invariant is broken.

use crate::database_url::{DatabaseUrl, Location};

/// A value of `DATABASE_URL`.
pub fn database_url(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(url) = text.parse::<DatabaseUrl>() else { return };
    let target = url.target();
    assert!(!target.namespace.is_empty() && !target.namespace.contains('/'));
    match &url.0 {
        Location::Sqlite(_) => assert!(url.to_string().parse() == Ok(url)),
        Location::Mysql(mysql) => {
            assert!(mysql.as_str().parse() == Ok(url.clone()));
            // What Diesel connects to is what spans name.
            let mut segments = mysql.path_segments().into_iter().flatten();
            assert_eq!(segments.next(), Some(&*target.namespace));
            assert!(target.user.is_some() && target.address.is_some());
            // What is shown depends on neither the user nor the password.
            let mut other = mysql.clone();
            assert!(other.set_username("x").and(other.set_password(Some("y"))).is_ok());
            let other: Option<DatabaseUrl> = other.as_str().parse().ok();
            let shown = |url: &DatabaseUrl| (url.to_string(), format!("{url:?}"));
            assert_eq!(other.as_ref().map(shown), Some(shown(&url)));
        }
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
        replay("database_url", super::database_url);
    }
}
