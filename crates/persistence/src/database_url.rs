//! Where the database is: a scheme is read, never guessed, and a password is never shown.

use std::{fmt, path::PathBuf, str::FromStr};

use url::Url;

/// The query parameters that Diesel's MySQL connection understands.
const MYSQL_PARAMETERS: [&str; 5] = ["ssl_mode", "ssl_ca", "ssl_cert", "ssl_key", "unix_socket"];

/// Where the database is: `sqlite://path` or `mysql://user:password@host[:port]/database`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A MySQL or MariaDB server, or a cluster that speaks their protocol.
    Mysql(Url),
    /// An SQLite file, relative to the working directory unless the path is absolute.
    Sqlite(PathBuf),
}

impl Default for DatabaseUrl {
    /// The embedded database: `sqlite://./data/registration.db`.
    fn default() -> Self {
        Self::Sqlite("./data/registration.db".into())
    }
}

/// Why a text is not a database URL. Says what to write instead; never repeats the text, which may
/// hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Nothing at all: rather a forgotten secret than a wish for the default.
    #[error("is empty: leave it unset for the embedded database, or name one")]
    Empty,
    /// A scheme that is not ours, or none.
    #[error(
        "must begin with sqlite:// or mysql://, as in sqlite://data/registration.db or \
         mysql://user:password@host:3306/database (MariaDB is mysql:// as well)"
    )]
    Scheme,
    /// An SQLite URL without a file that lasts.
    #[error("must name a file, as in sqlite://data/registration.db: nothing in memory is durable")]
    SqlitePath,
    /// Not a URL behind `mysql://`.
    #[error(
        "is not a URL: write mysql://user:password@host:3306/database, with any of /:@?#% in the \
         user or the password percent-encoded (@ as %40)"
    )]
    Malformed,
    /// No user before the `@`.
    #[error("names no user: write mysql://user:password@host:3306/database")]
    MissingUser,
    /// No database behind the host, or more than one.
    #[error("must name one database behind the host: mysql://user:password@host:3306/database")]
    DatabaseName,
    /// A query parameter that would have no effect.
    #[error(
        "has an unknown parameter: ssl_mode, ssl_ca, ssl_cert, ssl_key and unix_socket are known"
    )]
    Parameter,
    /// Compiled without this backend.
    #[error("names a backend that this program was built without (see its Cargo features)")]
    NotBuilt,
}

impl FromStr for DatabaseUrl {
    type Err = DatabaseUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(DatabaseUrlError::Empty);
        }
        if let Some(path) = text.strip_prefix("sqlite://") {
            return sqlite(path);
        }
        if text.starts_with("mysql://") {
            return mysql(text);
        }
        Err(DatabaseUrlError::Scheme)
    }
}

fn sqlite(path: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    if path.is_empty() || path.ends_with('/') || path.contains(":memory:") || path.contains('\0') {
        return Err(DatabaseUrlError::SqlitePath);
    }
    if !cfg!(feature = "sqlite") {
        return Err(DatabaseUrlError::NotBuilt);
    }
    Ok(DatabaseUrl::Sqlite(PathBuf::from(path)))
}

fn mysql(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    let mut url = Url::parse(text).map_err(|_| DatabaseUrlError::Malformed)?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    if !has_host || url.fragment().is_some() {
        return Err(DatabaseUrlError::Malformed);
    }
    if url.username().is_empty() {
        return Err(DatabaseUrlError::MissingUser);
    }
    let database = url.path().trim_start_matches('/');
    if database.is_empty() || database.contains(['/', '%']) {
        return Err(DatabaseUrlError::DatabaseName);
    }
    if url.query_pairs().any(|(key, _)| !MYSQL_PARAMETERS.contains(&&*key)) {
        return Err(DatabaseUrlError::Parameter);
    }
    if !cfg!(feature = "mysql") {
        return Err(DatabaseUrlError::NotBuilt);
    }
    // The client library takes "localhost" for its Unix socket, even beside a port.
    if url.host_str() == Some("localhost") && url.port().is_some() {
        url.set_host(Some("127.0.0.1")).map_err(|_| DatabaseUrlError::Malformed)?;
    }
    Ok(DatabaseUrl::Mysql(url))
}

impl fmt::Display for DatabaseUrl {
    /// Shows where, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Mysql(url) => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port().unwrap_or(3306);
                write!(f, "mysql://{host}:{port}{}", url.path())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(all(test, feature = "mysql", feature = "sqlite"))]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
        text.parse()
    }

    #[test]
    fn the_scheme_decides() {
        assert_eq!(parse("sqlite://a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!(parse("sqlite:///a/b.db"), Ok(DatabaseUrl::Sqlite("/a/b.db".into())));
        assert!(matches!(parse("mysql://u:p@db.example:3307/school"), Ok(DatabaseUrl::Mysql(_))));
        assert!(matches!(
            parse("mysql://u@[::1]/school?ssl_mode=required"),
            Ok(DatabaseUrl::Mysql(_))
        ));
    }

    #[test]
    fn mistakes_are_refused_never_guessed() {
        use DatabaseUrlError::*;
        let mistakes = [
            ("", Empty),
            ("  ", Empty),
            ("registration.db", Scheme),
            ("mysql:students", Scheme),
            ("mysq://u:p@h/d", Scheme),
            ("MYSQL://u:p@h/d", Scheme),
            ("mariadb://u:p@h/d", Scheme),
            ("postgres://u:p@h/d", Scheme),
            ("sqlite:data.db", Scheme),
            (" sqlite://data.db", Scheme),
            ("sqlite://", SqlitePath),
            ("sqlite://data/", SqlitePath),
            ("sqlite://:memory:", SqlitePath),
            ("sqlite://file::memory:?cache=shared", SqlitePath),
            ("mysql://", Malformed),
            ("mysql://u:p@h:port/d", Malformed),
            ("mysql://u:p@h/d#x", Malformed),
            ("mysql://h/d", MissingUser),
            ("mysql://:p@h/d", MissingUser),
            ("mysql://u:p@h", DatabaseName),
            ("mysql://u:p@h/", DatabaseName),
            ("mysql://u:p@h/a/b", DatabaseName),
            ("mysql://u:p@h/d?tls=yes", Parameter),
        ];
        for (text, error) in mistakes {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn nothing_shows_a_password() {
        let url = parse("mysql://registrar:pass%40word@db.example/school").unwrap();
        assert_eq!(url.to_string(), "mysql://db.example:3306/school");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(mysql://db.example:3306/school)");
    }

    #[test]
    fn localhost_beside_a_port_means_that_port() {
        let with_port = parse("mysql://u@localhost:3307/d").unwrap();
        assert_eq!(with_port.to_string(), "mysql://127.0.0.1:3307/d");
        let without = parse("mysql://u@localhost/d").unwrap();
        assert_eq!(without.to_string(), "mysql://localhost:3306/d");
    }
}
