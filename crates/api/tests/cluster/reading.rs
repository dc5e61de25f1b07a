//! What one node has stored is asked for on another, at once.

use std::{thread, time::Duration};

use libtest_mimic::Trial;
use registration_testkit::{GaleraCluster, Service, cluster_trial, wait_until};
use reqwest::blocking::Client;

use crate::{
    load::while_loaded,
    support::{client, cluster, complaints, registration, service},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        cluster_trial("a_lagging_node_finds_registrations_of_others", a_lagging_node),
        cluster_trial("a_registration_is_found_at_once", a_registration_is_found),
    ]
}

const CLIENTS: usize = 8;
const EACH: usize = 100;

/// An instance on node 1, and one on node 2.
fn on_two_nodes(cluster: &GaleraCluster) -> [Service; 2] {
    [1, 2].map(|number| service(&cluster.node_url(number)))
}

fn a_lagging_node() {
    let cluster = cluster();
    let [here, there] = on_two_nodes(&cluster);
    let lag = cluster.pause_replication(2);
    let student = there.url(&register(&client(), &here, "zoe@example.org"));
    let found = thread::scope(|scope| {
        let find = scope.spawn(|| client().get(&student).send().unwrap().status());
        let waiting = "SELECT INFO AS value FROM information_schema.PROCESSLIST \
             WHERE INFO LIKE 'SELECT%`students`%' AND ID <> CONNECTION_ID()";
        let waits = || find.is_finished() || !cluster.query_column(2, waiting).is_empty();
        assert!(wait_until(Duration::from_secs(10), waits), "nobody asks for the student");
        drop(lag);
        find.join().unwrap()
    });
    assert_eq!(found, 200);

    // Who is nowhere is not found, unless it takes too long to know.
    let nobody = there.url("/students/01a1fca8-cef6-74ce-b3b5-b90382006489");
    assert_eq!(client().get(&nobody).send().unwrap().status(), 404);
    let lag = cluster.pause_replication(2);
    register(&client(), &here, "ada@example.org");
    assert_eq!(client().get(&nobody).send().unwrap().status(), 503);
    drop(lag);
    assert_eq!(client().get(&nobody).send().unwrap().status(), 404);
}

/// While others register, whichever node stored it: never 404.
fn a_registration_is_found() {
    let mut cluster = cluster();
    let services = on_two_nodes(&cluster);
    while_loaded(&mut cluster, &services[..1], |_, _| {
        let statuses: Vec<u16> = thread::scope(|scope| {
            let clients: Vec<_> = (0..CLIENTS)
                .map(|number| {
                    let services = &services;
                    scope.spawn(move || register_and_find(services, number))
                })
                .collect();
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
        });
        let of = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        println!("  {} of {} were not found at once", of(404), statuses.len());
        assert_eq!(of(200), statuses.len(), "{}", complaints(&services).join("\n"));
    });
}

/// Registers at the one service and asks the other for the student.
fn register_and_find([here, there]: &[Service; 2], number: usize) -> Vec<u16> {
    let client = client();
    let find = |count| {
        let student = register(&client, here, &format!("reader{number}n{count}@example.org"));
        client.get(there.url(&student)).send().unwrap().status().as_u16()
    };
    (0..EACH).map(find).collect()
}

/// Registers an address and returns the student's path.
fn register(client: &Client, service: &Service, email: &str) -> String {
    let created = client.post(service.url("/register")).json(&registration(email)).send().unwrap();
    assert_eq!(created.status(), 201);
    created.headers()["location"].to_str().unwrap().to_owned()
}
