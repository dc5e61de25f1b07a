//! Each alert fires by its fault and resolves: `scripts/drill`, with the steps carried out here.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
};

use libtest_mimic::Trial;
use registration_testkit::{ignored_if, killed_with_parent};
use serde_json::Value;

use crate::{load::Load, stack::Stack};

fn program() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/drill"))
}

pub(crate) fn trials() -> Vec<Trial> {
    let list = Command::new(program()).arg("--list").output().unwrap();
    let drills: Vec<Value> = serde_json::from_slice(&list.stdout).unwrap();
    drills.iter().map(|drill| trial(drill["alert"].as_str().unwrap().to_owned())).collect()
}

fn trial(alert: String) -> Trial {
    let absent = (alert == "CollectorLosesTelemetry")
        .then_some("the collector here is another, without these metrics; promtool has its cases");
    ignored_if(absent, format!("{alert}_fires_and_resolves"), move || {
        fires_and_resolves(&alert);
        Ok(())
    })
}

fn fires_and_resolves(alert: &str) {
    let mut stack = Stack::start();
    let mut drill = killed_with_parent(program());
    drill.args([alert, "--steps"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    drill.env("PROMETHEUS", format!("http://{}", stack.prometheus.address()));
    drill.env("ALERTMANAGER", format!("http://{}", stack.alertmanager.address()));
    let mut drill = drill.spawn().unwrap();
    let (mut load, mut lock) = (None, None);
    let mut answers = drill.stdin.take().unwrap();
    for line in BufReader::new(drill.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let words: Vec<_> = line.splitn(3, ' ').collect();
        match words[..] {
            ["step", "load", _] => load = Some(Load::start(&stack.url())),
            ["step", "unload", _] => load = None,
            ["step", "faults", faults] => stack.serve(faults),
            ["step", "stop", name] => stack.stop(name),
            ["step", "start", name] => stack.start_again(name),
            ["step", "lock", table] => lock = Some(stack.lock(table)),
            ["step", "unlock", _] => lock = None,
            ["step", "pause", "mariadb"] => stack.freeze(),
            ["step", "unpause", "mariadb"] => stack.thaw(),
            ["step", "set", setting] => stack.set(setting),
            _ => println!("{line}"),
        }
        if words[0] == "step" {
            writeln!(answers, "done").unwrap();
        }
    }
    drop((load, lock));
    assert!(drill.wait().unwrap().success(), "{alert} does not fire and resolve");
}
