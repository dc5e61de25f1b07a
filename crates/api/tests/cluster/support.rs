//! Starts a cluster and services on it, and asserts what all nodes store.

use std::{collections::HashSet, time::Duration};

use registration_testkit::{Applicant, GaleraCluster, Service};
use reqwest::blocking::{Client, Response};
use serde_json::Value;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_student-registration");

const DATABASE: &str = "school";

/// A cluster with an empty database.
pub(crate) fn cluster() -> GaleraCluster {
    let cluster = GaleraCluster::start();
    cluster.execute(1, &format!("CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4"));
    cluster
}

/// Where the database is on this server.
pub(crate) fn database_url(server: &str) -> String {
    format!("{server}{DATABASE}")
}

/// An instance on this server, with nothing configured.
pub(crate) fn service(server: &str) -> Service {
    Service::builder(BINARY, &database_url(server)).start()
}

/// Two instances behind the cluster's HAProxy.
pub(crate) fn two_behind(cluster: &GaleraCluster) -> [Service; 2] {
    [service(&cluster.url()), service(&cluster.url())]
}

pub(crate) fn client() -> Client {
    Client::builder().timeout(Duration::from_secs(30)).build().unwrap()
}

pub(crate) fn post(service: &Service, email: &str) -> Response {
    client().post(service.url("/register")).json(&registration(email)).send().unwrap()
}

pub(crate) fn registration(email: &str) -> Value {
    Applicant::new(email).json()
}

/// The errors that the services have logged, each text once.
pub(crate) fn logged_errors(services: &[Service]) -> Vec<String> {
    let mut texts = Vec::new();
    for line in services.iter().flat_map(Service::log_lines) {
        let line: Value = serde_json::from_str(&line).unwrap_or_default();
        let attributes = &line["attributes"];
        let cause = attributes["exception.message"].as_str().or(attributes["error"].as_str());
        if let Some(cause) = cause {
            let text = format!("{}: {cause}", line["body"].as_str().unwrap_or_default());
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
    }
    texts
}

/// Asserts that every node holds the same students, each once, with every acknowledged one among
/// them. Returns their addresses.
pub(crate) fn assert_all_stored(
    cluster: &GaleraCluster,
    acknowledged: &[String],
) -> HashSet<String> {
    let students = format!("SELECT email AS value FROM {DATABASE}.students ORDER BY email");
    let stored = cluster.query_synced_column(1, &students);
    for number in 2..=3 {
        assert!(
            cluster.query_synced_column(number, &students) == stored,
            "nodes 1 and {number} differ"
        );
    }
    let distinct: HashSet<_> = stored.iter().cloned().collect();
    assert_eq!(distinct.len(), stored.len(), "an address is stored twice");
    let lost: Vec<_> = acknowledged.iter().filter(|email| !distinct.contains(*email)).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), acknowledged.len());
    distinct
}
