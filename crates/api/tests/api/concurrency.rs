//! Many at once.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::{builder, client, header, metric, post, problem, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        two_hundred_concurrent_posts_of_one_address_create_one,
        a_full_queue_rejects_the_next_request_at_once,
    ]
}

fn two_hundred_concurrent_posts_of_one_address_create_one(database: &TestDatabase) {
    const POSTS: usize = 200;
    let service = start(database);
    let together = Barrier::new(POSTS);
    // One client, a connection each: a client of its own for each would run out of descriptors.
    let client = client();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let posts: Vec<_> = (0..POSTS)
            .map(|number| {
                let (service, together, client) = (&service, &together, &client);
                // Half of them shout.
                let email = ["zoe@example.org", "ZOE@EXAMPLE.ORG"][number % 2];
                scope.spawn(move || {
                    let request = client.post(service.url("/register")).json(&registration(email));
                    together.wait();
                    let response = request.send().unwrap();
                    let status = response.status().as_u16();
                    if status == 201 {
                        assert!(header(&response, "location").starts_with("/students/"));
                    } else {
                        assert_eq!(problem(response)["code"], "already_registered");
                    }
                    status
                })
            })
            .collect();
        posts.into_iter().map(|post| post.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), POSTS - 1);
    assert_eq!(database.emails().len(), 1);
}

fn a_full_queue_rejects_the_next_request_at_once(database: &TestDatabase) {
    let service = builder(database)
        .env("DATABASE_POOL_SIZE", "1")
        .env("DATABASE_POOL_TIMEOUT", "60")
        .env("DATABASE_QUEUE_SIZE", "3")
        .start();
    let waiting =
        || metric(&service, "db_client_connection_pending_requests{pool=\"registration\"}");
    let used =
        || metric(&service, "db_client_connection_count{pool=\"registration\",state=\"used\"}");
    let held = database.lock_email("held@example.org");
    thread::scope(|scope| {
        let (service, client) = (&service, client());
        let register = |email: String| {
            let request = client.post(service.url("/register")).json(&registration(&email));
            scope.spawn(move || request.send().unwrap().status().as_u16())
        };
        // The only connection waits for the address, and three wait for the connection.
        let stuck = register("held@example.org".to_owned());
        while used() < 1.0 || waiting() > 0.0 {
            assert!(!stuck.is_finished(), "it did not wait for the address");
        }
        let others: Vec<_> =
            (0..3).map(|number| register(format!("n{number}@example.org"))).collect();
        while waiting() < 3.0 {
            assert!(!stuck.is_finished(), "it did not wait for the address");
        }

        let refused = post(service, &registration("late@example.org"));
        assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (503, "5"));
        assert_eq!(problem(refused)["code"], "unavailable");
        let reason = "student_registration_errors_total{method=\"POST\",reason=\"overloaded\"}";
        assert_eq!(metric(service, reason), 1.0);
        drop(held);
        for registered in [stuck].into_iter().chain(others) {
            assert_eq!(registered.join().unwrap(), 201);
        }
    });
    assert_eq!(database.emails().len(), 4);
}
