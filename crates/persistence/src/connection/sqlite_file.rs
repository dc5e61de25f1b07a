//! The file behind an SQLite connection: whether it exists, is the same one, and is writable.
//!
//! An open connection keeps writing to a file that was deleted, replaced, truncated or made
//! read-only, and to a write-ahead log that was deleted; what it stores there is lost. Each checkout
//! therefore checks the file.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The characters with a meaning in the path of an SQLite URI.
const URI_PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// Why the file behind a connection cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqliteFileError {
    #[error("the database file cannot be read")]
    Unreadable(#[from] io::Error),
    #[error("the database file, or its write-ahead log, has been replaced or truncated")]
    Replaced,
    #[error("the database file is read-only")]
    ReadOnly,
}

/// A database file and its write-ahead log as they were at the connection's first check.
#[derive(Debug)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    file: Identity,
    length: u64,
    log_path: PathBuf,
    log: Option<Identity>,
}

/// Identifies a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

impl SqliteFile {
    /// Checks the file that a connection is about to open.
    pub(crate) fn open(path: &Path) -> Result<Self, SqliteFileError> {
        let metadata = fs::metadata(path)?;
        let mut log_path = path.as_os_str().to_owned();
        log_path.push("-wal");
        let mut file = Self {
            path: path.to_owned(),
            file: Identity::from(&metadata),
            length: metadata.len(),
            log_path: log_path.into(),
            log: None,
        };
        file.check()?;
        // This log may belong to another connection, which deletes it when it closes.
        file.log = None;
        Ok(file)
    }

    /// Fails where a write through the open connection would be lost.
    pub(crate) fn check(&mut self) -> Result<(), SqliteFileError> {
        let metadata = fs::metadata(&self.path)?;
        let log = fs::metadata(&self.log_path).ok().map(|metadata| Identity::from(&metadata));
        let same_log = self.log.is_none() || self.log == log;
        if self.file != Identity::from(&metadata) || metadata.len() < self.length || !same_log {
            return Err(SqliteFileError::Replaced);
        }
        if metadata.permissions().readonly() {
            return Err(SqliteFileError::ReadOnly);
        }
        self.log = log;
        Ok(())
    }
}

/// SQLite's URI for an existing file. Unlike the bare path it never creates one.
pub(crate) fn uri(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("file:{}?mode=rw", utf8_percent_encode(&path, URI_PATH))
}

/// Creates the file and the folders above it, where they are missing, and waits until no other
/// instance sets it up. The returned handle holds the lock.
///
/// SQLite does not wait for its own locks while it switches a new file to its write-ahead log. The
/// lock is on the folder: closing a second handle of the file itself would release SQLite's locks.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // The registrations are the owner's alone. SQLite gives its log and index the file's mode.
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = File::open(folder)?;
    lock.lock()?;
    if !path.exists() {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    }
    Ok(lock)
}

/// The files of this database that other users of the machine may read or write, with their modes.
pub(crate) fn exposed(path: &Path) -> Vec<(PathBuf, u32)> {
    let files = ["", "-wal", "-shm"].map(|suffix| {
        let mut file = path.as_os_str().to_owned();
        file.push(suffix);
        PathBuf::from(file)
    });
    let modes = files.into_iter().filter_map(|file| {
        let mode = fs::metadata(&file).ok()?.mode() & 0o777;
        Some((file, mode))
    });
    modes.filter(|(_, mode)| mode & 0o077 != 0).collect()
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::connection::sqlite;

    #[test]
    fn what_is_made_is_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/data/registration.db");
        let _lock = create(&path).unwrap();
        let (mut connection, _) = sqlite::connect(&path).unwrap();
        connection.batch_execute("CREATE TABLE a (b); INSERT INTO a VALUES (1)").unwrap();
        let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().mode() & 0o777;
        for made in ["made", "made/data"] {
            assert_eq!(mode(made), 0o700, "{made}");
        }
        for file in ["", "-wal", "-shm"] {
            assert_eq!(mode(&format!("made/data/registration.db{file}")), 0o600, "{file}");
        }
        assert_eq!(exposed(&path), []);
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        assert_eq!(exposed(&path), [(path, 0o640)]);
    }
}
