//! Concurrent writes on two nodes: of two inserts of one address, one fails only when it commits.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_testkit::{Service, cluster_trial};
use serde_json::Value;

use crate::support::{assert_all_stored, client, cluster, logged_errors, registration, service};

pub(crate) fn trials() -> Vec<Trial> {
    vec![cluster_trial(
        "two_writers_create_each_student_once",
        two_writers_create_each_student_once,
    )]
}

const PAIRS: usize = 4;
const ROUNDS: usize = 150;

/// The two answers of a pair for one address.
type Answers = [(u16, Value); 2];

fn two_writers_create_each_student_once() {
    let cluster = cluster();
    let services = [service(&cluster.node_url(1)), service(&cluster.node_url(2))];
    let (mut emails, mut refused) = (Vec::new(), 0);
    for with_key in [false, true] {
        for (email, answers) in race(&services, with_key) {
            let with = |status| answers.iter().filter(|answer| answer.0 == status).count();
            let known = with(201) + with(409) + with(503) == 2;
            assert!(known, "{email}: {answers:?}\n{}", logged_errors(&services).join("\n"));
            // One key is one registration: both requests may succeed.
            let both = with_key && with(201) == 2 && answers[0].1["id"] == answers[1].1["id"];
            assert!(with(201) == 1 || both, "{email}: {answers:?}");
            refused += with(503);
            emails.push(email);
        }
    }
    let stored = assert_all_stored(&cluster, &emails);
    assert_eq!(stored.len(), emails.len());
    let conflicts = "SELECT VARIABLE_VALUE AS value FROM information_schema.GLOBAL_STATUS WHERE \
         VARIABLE_NAME IN ('WSREP_LOCAL_CERT_FAILURES', 'WSREP_LOCAL_BF_ABORTS')";
    let counts = (1..=2).flat_map(|number| cluster.query_column(number, conflicts));
    let conflicts: usize = counts.map(|count| count.parse::<usize>().unwrap()).sum();
    assert!(conflicts > 0, "no transactions conflicted");
    println!("\n  {} addresses, {conflicts} conflicts, {refused} times 503", emails.len());
}

/// Registers addresses at both services at once, in pairs of threads, and returns the answers.
fn race(services: &[Service; 2], with_key: bool) -> Vec<(String, Answers)> {
    let client = client();
    let send = |service: &Service, email: &str| {
        let mut request = client.post(service.url("/register")).json(&registration(email));
        if with_key {
            request = request.header("idempotency-key", email);
        }
        // A panic here would leave the other of the pair waiting without end.
        match request.send() {
            Ok(response) => (response.status().as_u16(), response.json().unwrap_or_default()),
            Err(error) => (0, error.to_string().into()),
        }
    };
    let pair = |pair: usize| {
        let emails: Vec<_> =
            (0..ROUNDS).map(|round| format!("pair{pair}n{round}k{with_key}@example.org")).collect();
        let barrier = Barrier::new(2);
        let side = |service| {
            let answer = |email: &String| {
                barrier.wait();
                send(service, email)
            };
            emails.iter().map(answer).collect::<Vec<_>>()
        };
        let [one, other] = thread::scope(|scope| {
            services
                .each_ref()
                .map(|service| scope.spawn(move || side(service)))
                .map(|side| side.join().unwrap())
        });
        let answers = one.into_iter().zip(other).map(|(one, other)| [one, other]);
        emails.clone().into_iter().zip(answers).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let pairs: Vec<_> = (0..PAIRS).map(|number| scope.spawn(move || pair(number))).collect();
        pairs.into_iter().flat_map(|pair| pair.join().unwrap()).collect()
    })
}
