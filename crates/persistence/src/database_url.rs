//! The address of a database. The scheme decides the backend and is never guessed; a password is
//! never shown.

use std::{fmt, path::PathBuf, str::FromStr};

use percent_encoding::percent_decode_str;
use url::Url;

/// The query parameters that have an effect. MariaDB's client library ignores `ssl_mode`; with
/// `ssl_ca` the connection is encrypted or refused.
const MYSQL_PARAMETERS: [&str; 4] = ["ssl_ca", "ssl_cert", "ssl_key", "unix_socket"];

/// The address of a database: `sqlite://path` or `mysql://user:password@host[:port]/database`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(pub(crate) Location);

/// The parts of a database URL. Private to the crate, because it holds a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A MySQL or MariaDB server, or a cluster that speaks their protocol.
    Mysql(Url),
    /// An SQLite file, relative to the working directory unless the path is absolute.
    Sqlite(PathBuf),
}

impl Default for DatabaseUrl {
    /// The embedded database: `sqlite://./data/registration.db`.
    fn default() -> Self {
        Self(Location::Sqlite("./data/registration.db".into()))
    }
}

/// Why a text is not a database URL, and what to write instead. Never repeats the text, which may
/// hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseUrlError {
    /// Empty: more likely a missing secret than a request for the default.
    #[error("is empty: leave it unset for the embedded database, or name one")]
    Empty,
    /// An unknown scheme, or none.
    #[error(
        "must begin with sqlite:// or mysql://, as in sqlite://data/registration.db or \
         mysql://user:password@host:3306/database (MariaDB is mysql:// as well)"
    )]
    Scheme,
    /// An SQLite URL without a durable file.
    #[error(
        "must name a file, as in sqlite://data/registration.db, and take no parameters; nothing in \
         memory is durable"
    )]
    SqlitePath,
    /// What follows `mysql://` is not a URL.
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
        "has an unknown parameter: ssl_ca, ssl_cert, ssl_key and unix_socket are known (ssl_mode has \
         no effect with this client library: name ssl_ca to require encryption)"
    )]
    Parameter,
    /// A socket beside a host that is reached over the network.
    #[error(
        "has unix_socket beside a host or port, and the client library would ignore the socket: write \
         mysql://user:password@localhost/database?unix_socket=PATH, without a port"
    )]
    SocketBesideHost,
    /// Compiled without this backend.
    #[error("names a backend that this program was built without (see its Cargo features)")]
    NotBuilt,
}

/// The database as described in spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// `db.system.name`; MariaDB, which speaks MySQL's protocol, is `mysql` as well.
    pub(crate) system: &'static str,
    /// `db.namespace`: the schema, or the file's name.
    pub(crate) namespace: String,
    /// `server.address`, of a server.
    pub(crate) address: Option<String>,
    /// `server.port`, unless it is MySQL's own.
    pub(crate) port: Option<u16>,
    /// The user of the connection.
    pub(crate) user: Option<String>,
}

impl DatabaseUrl {
    /// The files of an SQLite database that other users of this machine may read or write, with their
    /// modes; none of a server's.
    #[must_use]
    pub fn exposed_files(&self) -> Vec<(PathBuf, u32)> {
        match &self.0 {
            #[cfg(feature = "sqlite")]
            Location::Sqlite(path) => crate::connection::sqlite_file::exposed(path),
            _ => Vec::new(),
        }
    }

    pub(crate) fn target(&self) -> Target {
        match &self.0 {
            Location::Mysql(url) => Target {
                system: "mysql",
                namespace: url.path().trim_start_matches('/').to_owned(),
                address: url.host_str().map(ToOwned::to_owned),
                port: url.port().filter(|port| *port != 3306),
                user: percent_decode_str(url.username()).decode_utf8().ok().map(Into::into),
            },
            Location::Sqlite(path) => Target {
                system: "sqlite",
                namespace: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                address: None,
                port: None,
                user: None,
            },
        }
    }
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
    if path.is_empty()
        || path.ends_with('/')
        || path.contains(['?', '#', '\0'])
        || path.contains(":memory:")
    {
        return Err(DatabaseUrlError::SqlitePath);
    }
    let path = PathBuf::from(path);
    if path.file_name().is_none() {
        return Err(DatabaseUrlError::SqlitePath);
    }
    if !cfg!(feature = "sqlite") {
        return Err(DatabaseUrlError::NotBuilt);
    }
    Ok(DatabaseUrl(Location::Sqlite(path)))
}

fn mysql(text: &str) -> Result<DatabaseUrl, DatabaseUrlError> {
    let mut url = Url::parse(text).map_err(|_| DatabaseUrlError::Malformed)?;
    let has_host = url.host_str().is_some_and(|host| !host.is_empty());
    if !has_host || url.fragment().is_some() {
        return Err(DatabaseUrlError::Malformed);
    }
    if ![url.username(), url.password().unwrap_or_default()].into_iter().all(is_decodable) {
        return Err(DatabaseUrlError::Malformed);
    }
    if url.username().is_empty() {
        return Err(DatabaseUrlError::MissingUser);
    }
    let database = url.path().strip_prefix('/').unwrap_or_default();
    if database.is_empty() || database.contains(['/', '%']) {
        return Err(DatabaseUrlError::DatabaseName);
    }
    if url.query_pairs().any(|(key, _)| !MYSQL_PARAMETERS.contains(&&*key)) {
        return Err(DatabaseUrlError::Parameter);
    }
    let names_socket = url.query_pairs().any(|(key, _)| key == "unix_socket");
    if names_socket && (url.host_str() != Some("localhost") || url.port().is_some()) {
        return Err(DatabaseUrlError::SocketBesideHost);
    }
    if !cfg!(feature = "mysql") {
        return Err(DatabaseUrlError::NotBuilt);
    }
    // The client library connects "localhost" by its Unix socket, even with a port.
    if url.host_str() == Some("localhost") && url.port().is_some() {
        url.set_host(Some("127.0.0.1")).map_err(|_| DatabaseUrlError::Malformed)?;
    }
    Ok(DatabaseUrl(Location::Mysql(url)))
}

/// Whether the percent-encoded text can be passed to the client library.
fn is_decodable(text: &str) -> bool {
    percent_decode_str(text).decode_utf8().is_ok_and(|text| !text.contains('\0'))
}

impl fmt::Display for DatabaseUrl {
    /// Shows the address without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Location::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Location::Mysql(url) => {
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
        let location = |text| parse(text).unwrap().0;
        assert!(location("sqlite://a/b.db") == Location::Sqlite("a/b.db".into()));
        assert!(location("sqlite:///a/b.db") == Location::Sqlite("/a/b.db".into()));
        for server in ["mysql://u:p@db.example:3307/school", "mysql://u@[::1]/school?ssl_ca=ca.pem"]
        {
            assert!(matches!(location(server), Location::Mysql(_)));
        }
    }

    #[test]
    fn invalid_urls_are_rejected_never_guessed() {
        use DatabaseUrlError::*;
        let invalid = [
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
            ("sqlite://data/..", SqlitePath),
            ("sqlite://.", SqlitePath),
            ("sqlite://:memory:", SqlitePath),
            ("sqlite://file::memory:?cache=shared", SqlitePath),
            ("sqlite://data.db?mode=ro", SqlitePath),
            ("mysql://", Malformed),
            ("mysql://u:p@h:port/d", Malformed),
            ("mysql://u:p@h/d#x", Malformed),
            ("mysql://u:p%00@h/d", Malformed),
            ("mysql://u:p%ff@h/d", Malformed),
            ("mysql://h/d", MissingUser),
            ("mysql://:p@h/d", MissingUser),
            ("mysql://u:p@h", DatabaseName),
            ("mysql://u:p@h/", DatabaseName),
            ("mysql://u:p@h/a/b", DatabaseName),
            ("mysql://u:p@h//d", DatabaseName),
            ("mysql://u:p@h/d?tls=yes", Parameter),
            ("mysql://u:p@h/d?ssl_mode=required", Parameter),
            ("mysql://u:p@127.0.0.1/d?unix_socket=/run/s.sock", SocketBesideHost),
            ("mysql://u:p@localhost:3307/d?unix_socket=/run/s.sock", SocketBesideHost),
        ];
        for (text, error) in invalid {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let url = parse("mysql://registrar:pass%40word@db.example/school").unwrap();
        assert_eq!(url.to_string(), "mysql://db.example:3306/school");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(mysql://db.example:3306/school)");
    }

    #[test]
    fn spans_describe_the_database_without_a_password() {
        let target = |text| parse(text).unwrap().target();
        assert_eq!(
            target("mysql://re%40g:secret@db.example:3307/school"),
            Target {
                system: "mysql",
                namespace: "school".to_owned(),
                address: Some("db.example".to_owned()),
                port: Some(3307),
                user: Some("re@g".to_owned()),
            }
        );
        assert_eq!(target("mysql://u@db.example:3306/school").port, None);
        assert_eq!(target("sqlite://a/b.db").namespace, "b.db");
    }

    #[test]
    fn localhost_with_a_port_is_a_tcp_address() {
        let with_port = parse("mysql://u@localhost:3307/d").unwrap();
        assert_eq!(with_port.to_string(), "mysql://127.0.0.1:3307/d");
        let without = parse("mysql://u@localhost/d").unwrap();
        assert_eq!(without.to_string(), "mysql://localhost:3306/d");
        assert!(parse("mysql://u@localhost/d?unix_socket=/run/s.sock").is_ok());
    }
}
