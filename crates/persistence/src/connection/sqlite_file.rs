//! The file behind an SQLite connection: whether it exists, is the same one, and is writable.
//!
//! An open connection keeps writing to a file that was deleted, replaced, truncated or made
//! read-only, and to a write-ahead log that was deleted; what it stores there is lost. Each checkout
//! therefore checks the file.

use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
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
    fs::create_dir_all(folder)?;
    let lock = File::open(folder)?;
    lock.lock()?;
    if !path.exists() {
        File::create_new(path)?;
    }
    Ok(lock)
}
