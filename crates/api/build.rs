//! Tells the binary which revision and compiler it was built from.

#![expect(clippy::disallowed_methods, reason = "a build script is configured by its environment")]

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-env-changed=GIT_REVISION");
    for file in ["../../.git/HEAD", "../../.git/logs/HEAD"] {
        if Path::new(file).exists() {
            println!("cargo::rerun-if-changed={file}");
        }
    }
    let revision = env::var("GIT_REVISION").ok().filter(|revision| !revision.is_empty());
    let revision = revision.or_else(|| output("git", &["rev-parse", "--short=12", "HEAD"]));
    println!("cargo::rustc-env=GIT_REVISION={}", revision.as_deref().unwrap_or("unknown"));

    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let rustc = output(&rustc, &["--version"]);
    println!("cargo::rustc-env=RUSTC_VERSION={}", rustc.as_deref().unwrap_or("unknown"));
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
