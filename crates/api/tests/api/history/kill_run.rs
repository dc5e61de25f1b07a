//! Many registrations through many kills: nothing acknowledged is lost, nothing is registered twice.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use libtest_mimic::Trial;
use registration_testkit::{
    Applicant, DatabaseServer, Service, TestDatabase, mariadb_trial, wait_until,
};

use super::{
    operation::{Answer, Request},
    random::Random,
    run::{Run, Sender},
    variable,
};
use crate::support::BINARY;

/// Only where `KILL_RUN_REGISTRATIONS` is set: it takes minutes. `KILL_RUN_PROGRAM` is another build of
/// the service.
pub(super) fn trials() -> Vec<Trial> {
    let trial = || mariadb_trial("kill_run", kill_run);
    variable("KILL_RUN_REGISTRATIONS").map(|_| trial()).into_iter().collect()
}

const CLIENTS: usize = 48;
const TIMEOUT: Duration = Duration::from_secs(30);

fn parameter(name: &str) -> usize {
    variable(name).unwrap().parse().unwrap()
}

fn kill_run() {
    let (registrations, kills) = (parameter("KILL_RUN_REGISTRATIONS"), parameter("KILL_RUN_KILLS"));
    let mut server = DatabaseServer::start();
    let database = TestDatabase::on(&server);
    let program = variable("KILL_RUN_PROGRAM").unwrap_or_else(|| BINARY.to_owned());
    let service = || {
        let service = Service::builder(&program, database.url());
        service.env("DATABASE_POOL_TIMEOUT", "1").start()
    };
    let (run, acknowledged) = (Run::new(1, CLIENTS), AtomicUsize::new(0));
    let mut running = service();
    run.set_address(0, Some(running.address()));
    let mut random = Random::new(registrations as u64, kills as u64);

    let (ids, repeated) = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (run, acknowledged) = (&run, &acknowledged);
                scope.spawn(move || register(Sender::new(run, client), acknowledged, registrations))
            })
            .collect();
        for kill in 0..kills {
            let jitter = random.below(registrations / kills);
            let enough = (registrations * kill + jitter * kills) / kills;
            let enough_acknowledged = || {
                acknowledged.load(Ordering::Relaxed) >= enough
                    || clients.iter().any(thread::ScopedJoinHandle::is_finished)
            };
            assert!(wait_until(Duration::from_secs(600), enough_acknowledged));
            run.set_address(0, None);
            if kill.is_multiple_of(2) {
                running.kill();
                running = service();
            } else {
                server.kill();
                server.restart();
            }
            run.set_address(0, Some(running.address()));
        }
        let (mut ids, mut repeated) = (HashMap::new(), 0);
        for client in clients {
            let (of_client, again) = client.join().unwrap();
            ids.extend(of_client);
            repeated += again;
        }
        (ids, repeated)
    });
    let seconds = run.elapsed().as_secs_f64();
    drop(running);

    let stored =
        database.query_column("SELECT CONCAT(LOWER(HEX(public_id)), email) AS value FROM students");
    let mut rows: HashMap<&str, &str> = HashMap::new();
    for row in &stored {
        let (id, email) = row.split_at(32);
        assert_eq!(rows.insert(email, id), None, "{email} is registered twice");
    }
    let lost = ids.iter().filter(|(email, id)| rows.get(&***email) != Some(&&***id)).count();
    let per_second = ids.len() as f64 / seconds;
    println!("{} acknowledged in {seconds:.0} s ({per_second:.0} a second)", ids.len());
    println!("{kills} kills: {} of the service, {} of the server", kills.div_ceil(2), kills / 2);
    println!("{repeated} requests repeated after a lost answer or a refusal");
    println!("{} stored, {lost} lost, 0 registered twice", stored.len());
    assert_eq!(lost, 0, "acknowledged, but not stored as answered");
    assert!(ids.len() >= registrations);
}

/// Registers one applicant after another, each until its answer is definite; half of them with a key.
/// Returns the acknowledged addresses with their identifiers, and the number of repetitions.
fn register(
    mut sender: Sender<'_>,
    acknowledged: &AtomicUsize,
    registrations: usize,
) -> (Vec<(String, String)>, usize) {
    let (mut ids, mut repeated) = (Vec::new(), 0);
    let (run, client) = (sender.run, sender.client);
    for number in (client..).step_by(CLIENTS) {
        let applicant = Applicant::numbered(number as u64, "kill-run");
        let key = (number / CLIENTS).is_multiple_of(2).then(|| applicant.email.clone());
        let request = Request { key, applicant };
        let mut attempts = 0;
        loop {
            if acknowledged.load(Ordering::Relaxed) >= registrations {
                return (ids, repeated);
            }
            let answer = sender.send(0, &request, TIMEOUT).map(|operation| operation.answer);
            attempts += usize::from(answer.is_some());
            match answer {
                Some(Answer::Created(student)) => {
                    assert_eq!(student.applicant, request.applicant);
                    ids.push((student.applicant.email, student.id));
                    acknowledged.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                // Stored by an attempt whose answer was lost.
                Some(Answer::Refused(409, code))
                    if code == "already_registered" && request.key.is_none() && attempts > 1 =>
                {
                    break;
                }
                None | Some(Answer::Unknown(_) | Answer::Refused(503 | 504, _)) => {
                    wait_until(TIMEOUT, || run.address(0).is_some());
                    repeated += 1;
                }
                Some(other) => panic!("{request:?}: {other:?}"),
            }
        }
    }
    (ids, repeated)
}
