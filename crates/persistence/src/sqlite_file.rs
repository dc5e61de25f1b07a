//! The file behind an SQLite connection: still there, still the same one, still writable.
//!
//! An open connection goes on writing into a file that was deleted, replaced or made read-only,
//! and every student it stores there is lost. So each checkout looks first.

use std::{
    fs, io,
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
    #[error("the database file has been replaced")]
    Replaced,
    #[error("the database file is read-only")]
    ReadOnly,
}

/// A database file as it was when its connection was opened.
#[derive(Debug)]
pub(crate) struct SqliteFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl SqliteFile {
    /// Looks at the file that a connection was opened on.
    pub(crate) fn open(path: &Path) -> Result<Self, SqliteFileError> {
        let metadata = fs::metadata(path)?;
        let file = Self { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() };
        file.check()?;
        Ok(file)
    }

    /// Fails where writing through the open connection would be in vain.
    pub(crate) fn check(&self) -> Result<(), SqliteFileError> {
        let metadata = fs::metadata(&self.path)?;
        if (metadata.dev(), metadata.ino()) != (self.device, self.inode) {
            return Err(SqliteFileError::Replaced);
        }
        if metadata.permissions().readonly() {
            return Err(SqliteFileError::ReadOnly);
        }
        Ok(())
    }
}

/// SQLite's URI for an existing file. Unlike the bare path it never creates one.
pub(crate) fn uri(path: &Path) -> String {
    let path = path.to_string_lossy();
    format!("file:{}?mode=rw", utf8_percent_encode(&path, URI_PATH))
}

/// Makes the file and the folders above it, where they are missing.
pub(crate) fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    fs::OpenOptions::new().create(true).append(true).open(path).map(drop)
}
