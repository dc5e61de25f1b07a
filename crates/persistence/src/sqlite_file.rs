//! The file behind an SQLite connection: still there, still the same one, still writable.
//!
//! An open connection goes on writing into a file that was deleted, replaced, cut short or made
//! read-only, and into a write-ahead log that was deleted; every student it stores there is lost.
//! So each checkout looks first.

use std::{
    fs::{self, File, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What has a meaning of its own in an SQLite URI's path.
const URI_PATH: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// Why the file behind a connection will not do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SqliteFileError {
    #[error("the database file cannot be read")]
    Gone(#[from] io::Error),
    #[error("the database file, or its write-ahead log, has been replaced or cut short")]
    Replaced,
    #[error("the database file is read-only")]
    ReadOnly,
}

/// A database file, and its write-ahead log, as they were when the connection first met them.
#[derive(Debug)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    file: Identity,
    length: u64,
    log_path: PathBuf,
    log: Option<Identity>,
}

/// What stays the same while a file is the same.
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
    /// Looks at the file that a connection is to be opened on.
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
        // The log that is there now may be another connection's last, about to go with it.
        file.log = None;
        Ok(file)
    }

    /// Fails where writing through the open connection would be in vain.
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

/// Makes the file and the folders above it, where they are missing, and waits until no other
/// instance is at it. Whoever holds what is returned is alone in setting the file up.
///
/// SQLite's own locks are no help here: it does not wait for them while it switches a new file to
/// its write-ahead log. The lock is the folder's, since to close a second handle of the file itself
/// would release SQLite's.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let alone = File::open(folder)?;
    alone.lock()?;
    if !path.exists() {
        File::create_new(path)?;
    }
    Ok(alone)
}
