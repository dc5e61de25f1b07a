//! Many at once.

use std::{sync::Barrier, thread};

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::{client, header, problem, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![of_two_hundred_posts_of_one_address_one_is_created]
}

fn of_two_hundred_posts_of_one_address_one_is_created(database: &TestDatabase) {
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
