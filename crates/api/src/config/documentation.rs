//! Holds the table in `docs/configuration.md` equal to the options. `make docs` writes it.

use std::{fmt::Write as _, fs, path::Path};

use clap::CommandFactory as _;

use super::Arguments;

const BEGIN: &str = "<!-- options: written by make docs -->\n";
const END: &str = "<!-- end of options -->\n";

fn table() -> String {
    let mut table = "| variable | flag | default | meaning |\n|---|---|---|---|\n".to_owned();
    for option in Arguments::command().get_arguments() {
        let Some(variable) = option.get_env() else { continue };
        let default = option.get_default_values().first().map(|value| value.to_string_lossy());
        let default = default.map(|value| format!("`{value}`")).unwrap_or_default();
        writeln!(
            table,
            "| `{}` | `--{}` | {default} | {} |",
            variable.to_string_lossy(),
            option.get_long().unwrap(),
            option.get_help().unwrap(),
        )
        .unwrap();
    }
    table
}

#[test]
#[expect(clippy::disallowed_methods, reason = "UPDATE_DOCS is for this test alone")]
fn every_option_is_documented() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&file, format!("{before}{BEGIN}{}{END}{after}", table())).unwrap();
    } else {
        assert!(written == table(), "docs/configuration.md is out of date: run make docs");
    }
}
