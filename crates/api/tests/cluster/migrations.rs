//! Two instances migrate at the same time on two nodes. The migration lock covers one node only.

use std::process::{Command, Output, Stdio};

use libtest_mimic::Trial;
use registration_testkit::{GaleraCluster, cluster_trial};

use crate::support::BINARY;

pub(crate) fn trials() -> Vec<Trial> {
    vec![cluster_trial("two_nodes_are_migrated_at_once", two_nodes_are_migrated_at_once)]
}

const ROUNDS: usize = 5;

fn two_nodes_are_migrated_at_once() {
    let cluster = GaleraCluster::start();
    println!();
    for round in 0..ROUNDS {
        let database = format!("school{round}");
        cluster.execute(1, &format!("CREATE DATABASE {database} CHARACTER SET utf8mb4"));
        let at_once = [1, 2].map(|number| {
            let mut command = migrate(&format!("{}{database}", cluster.node_url(number)));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let outputs = at_once.map(|process| process.wait_with_output().unwrap());
        let done = outputs.iter().filter(|output| output.status.success()).count();
        assert!(done > 0, "{:?}", outputs.each_ref().map(output_text));
        for late in outputs.iter().filter(|output| !output.status.success()) {
            let text = output_text(late);
            assert!(text.starts_with("student-registration: a migration failed"), "{text}");
            println!("  {}", text.trim_end());
        }
        // An instance that failed is restarted, and has nothing to migrate.
        for number in 1..=3 {
            let url = format!("{}{database}", cluster.node_url(number));
            let again = migrate(&url).output().unwrap();
            assert!(output_text(&again).ends_with("nothing to do\n"), "{}", output_text(&again));
            let all = format!("SELECT email AS value FROM {database}.students");
            assert!(cluster.query_synced_column(number, &all).is_empty());
        }
    }
}

fn migrate(url: &str) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("migrate").env_clear().env("DATABASE_URL", url);
    command
}

fn output_text(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&bytes).into_owned()
}
