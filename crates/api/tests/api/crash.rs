//! What was acknowledged is never lost: the service is killed in the middle of a load, again and
//! again.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread::{self, ScopedJoinHandle},
};

use libtest_mimic::Trial;
use registration_testkit::{Service, TestDatabase, on_every_backend};

use crate::support::{client, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![every_acknowledged_registration_survives_twenty_kills]
}

const KILLS: usize = 20;
const CLIENTS: usize = 8;

fn every_acknowledged_registration_survives_twenty_kills(database: &TestDatabase) {
    let mut acknowledged = HashSet::new();
    for round in 0..KILLS {
        let mut service = start(database);
        acknowledged.extend(load_until_killed(&mut service, round));
    }
    let stored = database.emails();
    let distinct: HashSet<_> = stored.iter().cloned().collect();
    assert_eq!(distinct.len(), stored.len(), "somebody is registered twice");
    let lost: Vec<_> = acknowledged.difference(&distinct).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), acknowledged.len());
    assert!(acknowledged.len() >= KILLS * CLIENTS);
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
