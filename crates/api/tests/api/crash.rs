//! What was acknowledged is never lost: the service, or its database, is killed in the middle of a
//! load, again and again.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread::{self, ScopedJoinHandle},
};

use libtest_mimic::Trial;
use registration_testkit::{
    DatabaseServer, Service, TestDatabase, mariadb_trial, on_every_backend,
};

use crate::support::{builder, client, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![every_acknowledged_registration_survives_twenty_kills];
    trials.push(mariadb_trial(
        "every_acknowledged_registration_survives_twenty_kills_of_the_server",
        every_acknowledged_registration_survives_twenty_kills_of_the_server,
    ));
    trials
}

const KILLS: usize = 20;
const CLIENTS: usize = 32;

fn every_acknowledged_registration_survives_twenty_kills(database: &TestDatabase) {
    let mut acknowledged = HashSet::new();
    for round in 0..KILLS {
        let mut service = start(database);
        acknowledged.extend(load_until_killed(&mut service, round));
    }
    assert!(acknowledged.len() >= KILLS * CLIENTS);
    assert_stored_once(database, &acknowledged);
}

fn assert_stored_once(database: &TestDatabase, acknowledged: &HashSet<String>) {
    let stored = database.emails();
    let distinct: HashSet<_> = stored.iter().cloned().collect();
    assert_eq!(distinct.len(), stored.len(), "an address is registered twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), acknowledged.len());
}

fn every_acknowledged_registration_survives_twenty_kills_of_the_server() {
    let mut server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let service = builder(&database).env("DATABASE_POOL_TIMEOUT", "0.5").start();
    let (created, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let acknowledged: HashSet<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (service, created, done) = (&service, &created, &done);
                scope.spawn(move || {
                    let (client, mut acknowledged) = (client(), Vec::new());
                    for count in 0.. {
                        let email = format!("c{number}n{count}@example.org");
                        let request = client.post(service.url("/register"));
                        match request.json(&registration(&email)).send().unwrap().status().as_u16()
                        {
                            201 => {
                                acknowledged.push(email);
                                created.fetch_add(1, Ordering::Relaxed);
                            }
                            503 => {}
                            other => panic!("{other}"),
                        }
                        if done.load(Ordering::Relaxed) {
                            break;
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        for round in 0..KILLS {
            let enough = created.load(Ordering::Relaxed) + CLIENTS + 7 * round;
            let enough_created = || created.load(Ordering::Relaxed) >= enough;
            while !enough_created() && !clients.iter().any(ScopedJoinHandle::is_finished) {
                thread::yield_now();
            }
            server.kill();
            server.restart();
        }
        done.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    assert!(acknowledged.len() >= KILLS * CLIENTS);
    assert_stored_once(&database, &acknowledged);
}

/// Registers without pause, kills the service once enough were acknowledged, and returns every
/// address that was.
fn load_until_killed(service: &mut Service, round: usize) -> Vec<String> {
    // A different moment of the load each time.
    let enough = CLIENTS + 7 * round;
    let created = AtomicUsize::new(0);
    let url = service.url("/register");
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (url, created) = (&url, &created);
                scope.spawn(move || {
                    let (client, mut acknowledged) = (client(), Vec::new());
                    for count in 0.. {
                        let email = format!("r{round}c{number}n{count}@example.org");
                        match client.post(url).json(&registration(&email)).send() {
                            Ok(response) if response.status() == 201 => {
                                acknowledged.push(email);
                                created.fetch_add(1, Ordering::Relaxed);
                            }
                            Ok(response) => panic!("{}", response.status()),
                            Err(_) => break, // killed
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let enough_created = || created.load(Ordering::Relaxed) >= enough;
        // A client that has failed ends early, and fails the test when it is joined.
        while !enough_created() && !clients.iter().any(ScopedJoinHandle::is_finished) {
            thread::yield_now();
        }
        service.kill();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    })
}
