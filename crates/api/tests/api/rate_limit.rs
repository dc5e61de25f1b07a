//! Rate limits, per client and per e-mail address.

use std::{collections::BTreeSet, thread};

use libtest_mimic::Trial;
use registration_testkit::{Service, TestDatabase, corpus, trials};
use serde_json::json;

use crate::support::{
    BROWSER, client, get, header, metric, post, problem, registration, sqlite_with,
};

pub(crate) fn trials() -> Vec<Trial> {
    trials![
        a_client_has_a_quota_in_its_headers,
        an_address_has_a_quota_for_all_clients,
        the_default_limits_let_a_school_through,
        forwarded_addresses_count_behind_trusted_proxies_only,
        a_page_shows_the_waiting_time,
        look_ups_have_a_quota_of_their_own,
        a_client_cannot_ask_about_a_list_of_addresses,
        clients_behind_nat64_are_counted_by_their_ipv4_address,
    ]
}

/// A service with these limits, or, where there are none, with the usual ones.
fn limited(limits: &str) -> (TestDatabase, Service) {
    match limits {
        "" => sqlite_with(&[("RATE_LIMIT", "client=1200/60,email=10/600")]),
        limits => sqlite_with(&[("RATE_LIMIT", limits)]),
    }
}

fn a_client_has_a_quota_in_its_headers() {
    let (database, service) = limited("client=2/3600,email=off");
    let first = post(&service, &registration("a@example.org"));
    assert_eq!(first.status(), 201);
    assert_eq!(header(&first, "ratelimit-policy"), "\"client\";q=2;w=3600");
    assert_eq!(header(&first, "ratelimit"), "\"client\";r=1;t=1800");
    // A mistake counts as well, and its answer tells so.
    let second = post(&service, &json!({}));
    assert_eq!(
        (second.status().as_u16(), header(&second, "ratelimit")),
        (422, "\"client\";r=0;t=3600")
    );

    let third = post(&service, &registration("b@example.org"));
    assert_eq!(third.status(), 429);
    let wait = header(&third, "retry-after").to_owned();
    assert!((1790..=1801).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    assert_eq!(header(&third, "ratelimit"), format!("\"client\";r=0;t={wait}"));
    let problem = problem(third);
    assert_eq!(
        (&*problem["code"].to_string(), problem["retry_after"].to_string()),
        ("\"rate_limited\"", wait)
    );
    assert_eq!(database.emails(), ["a@example.org"]);
    let refused = "student_registration_errors_total{method=\"POST\",reason=\"rate_limited\"}";
    assert_eq!(metric(&service, refused), 1.0);
    // Everything else is still there.
    assert_eq!(get(&service.url("/"), BROWSER).status(), 200);
}

fn look_ups_have_a_quota_of_their_own() {
    let (_database, service) = limited("client=1/3600,reads=2/3600");
    let registered = post(&service, &registration("a@example.org"));
    let student = service.url(header(&registered, "location"));
    let first = get(&student, "application/json");
    assert_eq!(
        (first.status().as_u16(), header(&first, "ratelimit")),
        (200, "\"reads\";r=1;t=1800")
    );
    // An unknown student asks the database too.
    let (rest, last) = student.split_at(student.len() - 1);
    let unknown = format!("{rest}{}", if last == "0" { "1" } else { "0" });
    assert_eq!(get(&unknown, "*/*").status(), 404);
    let page = get(&student, BROWSER);
    assert_eq!(page.status(), 429);
    assert!(page.text().unwrap().contains("Too many pages have been opened"));
    assert_eq!(get(&service.url("/"), BROWSER).status(), 200);
}

fn an_address_has_a_quota_for_all_clients() {
    let (_database, service) = limited("client=off,email=1/3600");
    // An address that is not registered has no quota, and a replay uses none.
    post(&service, &json!({"email": "a@example.org"}));
    for _ in 0..3 {
        let request = client().post(service.url("/register")).header("idempotency-key", "one");
        let registered = request.json(&registration("a@example.org")).send().unwrap();
        assert_eq!(registered.status(), 201);
    }
    let taken = post(&service, &registration("A@example.org"));
    assert_eq!(
        (taken.status().as_u16(), header(&taken, "ratelimit")),
        (409, "\"email\";r=0;t=3600")
    );
    let refused = post(&service, &registration("a@EXAMPLE.org"));
    assert_eq!(
        (refused.status().as_u16(), &*problem(refused)["code"].to_string()),
        (429, "\"rate_limited\"")
    );
    assert_eq!(post(&service, &registration("b@example.org")).status(), 201);
}

/// In parallel, so that none is decided before the others have passed.
fn a_client_cannot_ask_about_a_list_of_addresses() {
    let (database, service) = limited("client=off,email=off,duplicates=5/3600");
    const LIST: usize = 40;
    let address = |number: usize| format!("{number}@example.org");
    for number in 0..LIST {
        // Registrations use up nothing.
        assert_eq!(post(&service, &registration(&address(number))).status(), 201);
    }
    let send = |service: &Service, number: usize| {
        let request = client().post(service.url("/register")).header("accept", BROWSER);
        let request = match number % 2 {
            0 => request.form(&registration(&address(number))),
            _ => request.json(&registration(&address(number))),
        };
        request.send().unwrap()
    };
    let statuses: Vec<u16> = thread::scope(|scope| {
        let (service, send) = (&service, &send);
        let asked: Vec<_> =
            (0..LIST).map(|number| scope.spawn(move || send(service, number).status())).collect();
        asked.into_iter().map(|asked| asked.join().unwrap().as_u16()).collect()
    });
    let confirmed = statuses.iter().filter(|status| **status == 409).count();
    assert_eq!(confirmed, 5, "{statuses:?}");
    assert!(statuses.iter().all(|status| [409, 429].contains(status)), "{statuses:?}");

    // An address that is not registered gets the same answer, as JSON and in the form.
    for number in [0, 1, LIST, LIST + 1] {
        let response = send(&service, number);
        assert_eq!(response.status(), 429, "{number}");
        assert_eq!(header(&response, "ratelimit-policy"), "\"duplicates\";q=5;w=3600");
        let text = response.text().unwrap();
        assert!(text.contains("Too many registrations have come from your connection"), "{text}");
        assert_eq!(number % 2 == 0, text.contains("id=\"registration\""), "{text}");
    }
    assert_eq!(database.emails().len(), LIST);
}

/// A case of the corpus.
fn clients_behind_nat64_are_counted_by_their_ipv4_address() {
    let case = corpus::reports("config").into_iter().find(|case| case["id"] == "D03").unwrap();
    let env = |name: &str| case["env"][name].as_str().unwrap();
    let names = ["RATE_LIMIT", "TRUSTED_PROXIES"];
    let (_database, service) = sqlite_with(&names.map(|name| (name, env(name))));
    for (number, forwarded) in case["env"]["X-Forwarded-For"].as_array().unwrap().iter().enumerate()
    {
        let request = client().post(service.url("/register"));
        let request = request.header("x-forwarded-for", forwarded.as_str().unwrap());
        let response =
            request.json(&registration(&format!("{number}@example.org"))).send().unwrap();
        assert_eq!(response.status().as_u16(), case["expect"]["statuses"][number]);
    }
}

/// A school behind one address, on the morning it opens registration.
fn the_default_limits_let_a_school_through() {
    let (database, service) = limited("");
    const PUPILS: usize = 1000;
    let statuses: BTreeSet<u16> = thread::scope(|scope| {
        let rooms: Vec<_> = (0..20)
            .map(|room| {
                let (service, client) = (&service, client());
                scope.spawn(move || {
                    let pupil = |pupil| {
                        let body = registration(&format!("{room}.{pupil}@example.org"));
                        client.post(service.url("/register")).json(&body).send().unwrap().status()
                    };
                    (0..PUPILS / 20).map(pupil).collect::<Vec<_>>()
                })
            })
            .collect();
        rooms.into_iter().flat_map(|room| room.join().unwrap()).map(|s| s.as_u16()).collect()
    });
    assert_eq!(statuses.into_iter().collect::<Vec<_>>(), [201]);
    assert_eq!(database.emails().len(), PUPILS);
}

fn forwarded_addresses_count_behind_trusted_proxies_only() {
    let from = |service: &Service, forwarded: &str, email: &str| {
        let request = client().post(service.url("/register")).header("x-forwarded-for", forwarded);
        request.json(&registration(email)).send().unwrap().status().as_u16()
    };
    let (_database, service) = limited("client=1/3600,email=off");
    assert_eq!(from(&service, "192.0.2.1", "a@example.org"), 201);
    assert_eq!(from(&service, "192.0.2.2", "b@example.org"), 429);

    let limits = ("RATE_LIMIT", "client=1/3600,email=off");
    let (_database, service) = sqlite_with(&[limits, ("TRUSTED_PROXIES", "1")]);
    assert_eq!(from(&service, "6.6.6.6, 192.0.2.1", "a@example.org"), 201);
    assert_eq!(from(&service, "7.7.7.7, 192.0.2.1", "b@example.org"), 429);
    assert_eq!(from(&service, "2001:db8::1", "c@example.org"), 201);
    assert_eq!(from(&service, "2001:db8::2", "d@example.org"), 429);
    assert_eq!(from(&service, "2001:db8:0:1::1", "e@example.org"), 201);
}

fn a_page_shows_the_waiting_time() {
    let (_database, service) = limited("client=1/3600,email=off");
    let form = || {
        let request = client().post(service.url("/register?lang=it")).header("accept", BROWSER);
        request.form(&registration("a@example.org")).send().unwrap()
    };
    assert_eq!(form().status(), 303);
    let refused = form();
    assert_eq!(refused.status(), 429);
    let page = refused.text().unwrap();
    assert!(page.contains("Puoi riprovare tra 60 minuti."), "{page}");
    assert!(page.contains("value=\"a@example.org\""));
}
