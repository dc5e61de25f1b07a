//! The files of `infra/`.

use std::{fs, path::PathBuf};

use serde_json::Value;

/// Where `infra/` keeps this.
pub(crate) fn infra(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra")).join(path)
}

pub(crate) fn text(path: &str) -> String {
    let file = infra(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

pub(crate) fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("infra/{path}: {error}"))
}

/// Every file of a folder with this ending, by name.
pub(crate) fn listed(folder: &str, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(infra(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(ending)).collect();
    names.sort();
    assert!(!names.is_empty(), "no {ending} in infra/{folder}");
    names.into_iter().map(|name| format!("{folder}/{name}")).collect()
}
