//! Invitations, and signing in and out.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_every_backend, on_sqlite};
use reqwest::Method;

use super::{
    Office,
    office::{PASSWORD, invite_by_command},
};
use crate::support::{builder, client, get, header, metric, problem, start};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = on_every_backend![the_first_administrator_comes_in_by_a_link_that_works_once];
    trials.extend(on_sqlite![
        wrong_passwords_look_alike_and_are_delayed,
        a_session_ends_when_its_person_says_so_or_is_disabled,
        only_the_services_own_pages_change_something,
        a_form_posted_after_the_session_has_ended_is_kept,
        the_cookie_is_kept_to_tls_where_there_is_tls,
        public_pages_set_no_cookie,
        the_last_administrator_stays,
        what_lets_others_in_needs_a_fresh_sign_in,
        one_guess_is_looked_at_of_several_at_once,
        invented_cookies_are_limited,
    ]);
    trials
}

fn the_first_administrator_comes_in_by_a_link_that_works_once(database: &TestDatabase) {
    let service = builder(database).env("FIRST_ADMIN", "ada@school.example").start();
    // The printed link is text on standard error, never a record of the log.
    let lines = service.log_lines();
    let line = lines.iter().find(|line| line.contains("/desk/welcome?token=")).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(line).is_err(), "{line}");
    let secret = line.trim().rsplit_once("token=").unwrap().1.to_owned();
    let anonymous = super::office::Person::anonymous(&service);
    assert_eq!(anonymous.open(&format!("/desk/welcome?token={secret}")).status(), 200);
    for (name, password, text) in [
        ("", PASSWORD, "name-error"),
        ("Ada", "short", "password-error"),
        ("Ada", "ada@school.example", "password-error"),
        ("Ada", "password1234", "password-error"),
    ] {
        let form = [("token", &*secret), ("name", name), ("password", password)];
        let page = anonymous.submit("/desk/welcome", &form);
        assert_eq!(page.status(), 422, "{name} {password}");
        assert!(page.text().unwrap().contains(&format!("id=\"{text}\"")), "{name} {password}");
    }
    anonymous.join(&secret, "Ada Lovelace");
    assert_eq!(anonymous.open(&format!("/desk/welcome?token={secret}")).status(), 410);
    let again = [("token", &*secret), ("name", "Eve"), ("password", PASSWORD)];
    assert_eq!(anonymous.submit("/desk/welcome", &again).status(), 410);
    let ada = anonymous.sign_in(" Ada@School.example ", PASSWORD);
    assert!(ada.open("/desk/students").text().unwrap().contains("Ada Lovelace"));
    assert_eq!(ada.read("/api/me")["role"], "admin");

    // A second start creates no invitation: the office has an administrator.
    drop(service);
    let service = builder(database).env("FIRST_ADMIN", "ada@school.example").start();
    assert!(!service.log_lines().iter().any(|line| line.contains("/desk/welcome")));
    let stored = database.query_column("SELECT password AS value FROM staff");
    assert!(stored[0].starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored:?}");
}

fn wrong_passwords_look_alike_and_are_delayed(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let viewer = office.person("viewer");
    let me = viewer.read("/api/me");
    let change = [("action", "disable"), ("version", "2")];
    let path = format!("/desk/staff/{}", me["id"].as_str().unwrap());
    assert_eq!(office.admin.submit(&path, &change).status(), 303);
    let anonymous = office.anonymous();
    let attempt = |email: &str, password: &str| {
        let answer = anonymous.submit("/desk/sign-in", &[("email", email), ("password", password)]);
        assert_eq!(answer.status(), 401, "{email}");
        assert!(answer.headers().get("set-cookie").is_none());
        (header(&answer, "retry-after").to_owned(), answer.text().unwrap())
    };
    let sentence = |page: &str| {
        let (_, error) = page.split_once("id=\"error-list\"").unwrap_or(("", page));
        error.split("</li>").next().unwrap().to_owned()
    };
    let (_, wrong) = attempt("ada@school.example", "wrong password");
    // At once again: refused without a look at the password, even the right one.
    let (wait, _) = attempt("ada@school.example", PASSWORD);
    assert_eq!(wait, "1");
    for (email, password) in [
        ("unknown@school.example", PASSWORD),
        ("viewer@school.example", PASSWORD), // disabled
        ("not an address", PASSWORD),
    ] {
        let (_, page) = attempt(email, password);
        assert_eq!(sentence(&page), sentence(&wrong), "{email}");
    }
    assert_eq!(office.admin.read("/api/me")["role"], "admin", "her session goes on");
    // Too long to be a password, and to be hashed.
    attempt("long@school.example", &"x".repeat(2000));
}

fn a_session_ends_when_its_person_says_so_or_is_disabled(database: &TestDatabase) {
    let service = start(database);
    let other = start(database);
    let office = Office::open(&service, database);
    let viewer = office.person("viewer");
    let second = office.anonymous().sign_in("viewer@school.example", PASSWORD);
    let is_in = |person: &super::office::Person| person.open("/desk/students").status() == 200;
    assert!(is_in(&viewer) && is_in(&second));
    let stolen = viewer.clone();
    assert_eq!(viewer.submit("/desk/sign-out", &[]).status(), 303);
    assert!(!is_in(&stolen), "a cookie that was copied before");
    assert!(is_in(&second));

    let third = office.anonymous().sign_in("viewer@school.example", PASSWORD);
    assert_eq!(third.submit("/desk/profile/sessions", &[("action", "end_others")]).status(), 303);
    assert!(!is_in(&second) && is_in(&third));

    // A person who is disabled is out at once, on every instance.
    let elsewhere = third.at(&other);
    assert!(is_in(&elsewhere));
    let token = office.admin.program(&["students:read"]);
    assert_eq!(token.read("/api/me")["by"], "token");
    let me = third.read("/api/me");
    let path = format!("/desk/staff/{}", me["id"].as_str().unwrap());
    let disable = [("action", "disable"), ("version", "2")];
    assert_eq!(office.admin.submit(&path, &disable).status(), 303);
    assert!(!is_in(&third) && !is_in(&elsewhere));
    let refused = third.request(Method::GET, "/api/me").send().unwrap();
    assert_eq!(refused.status(), 401);
    assert!(header(&refused, "www-authenticate").starts_with("Bearer"));
    assert_eq!(problem(refused)["code"], "unauthenticated");
    // A new password ends every session but the one that set it.
    let again = office.anonymous().sign_in("ada@school.example", PASSWORD);
    let new = [("current", PASSWORD), ("password", "another horse battery")];
    assert_eq!(again.submit("/desk/profile/password", &new).status(), 303);
    assert!(is_in(&again) && !is_in(&office.admin));
}

fn only_the_services_own_pages_change_something(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let url = service.url("/desk/students/new");
    let form = [("first_name", "Eve"), ("last_name", "X"), ("email", "eve@example.org")];
    let cookie = office.admin.cookie.clone().unwrap();
    let send = |fields: &[(&'static str, &str)]| {
        let mut request = client().post(&url).header("cookie", &cookie).form(&form);
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.send().unwrap()
    };
    for forged in [
        &[][..],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", service.url("").as_str())],
        &[("referer", service.url("/desk/students/new").as_str())],
    ] {
        let answer = send(forged);
        assert_eq!(answer.status(), 403, "{forged:?}");
        assert_eq!(problem(answer)["code"], "foreign_origin");
    }
    // A page of another site cannot sign a person in, either.
    let sign_in = [("email", "ada@school.example"), ("password", PASSWORD)];
    let answer = client().post(service.url("/desk/sign-in")).form(&sign_in).send().unwrap();
    assert_eq!(answer.status(), 403);
    assert_eq!(database.emails(), [""; 0]);
    assert_eq!(send(&[("origin", service.url("").as_str())]).status(), 303);
    assert_eq!(database.emails(), ["eve@example.org"]);
}

fn a_form_posted_after_the_session_has_ended_is_kept(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let registrar = office.person("registrar");
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    database.execute("UPDATE sessions SET ended_at = created_at");
    let sign_in = |carried: &str, email: &str| {
        let form = [("email", email), ("password", PASSWORD), ("carried", carried)];
        office.anonymous().submit("/desk/sign-in", &form)
    };
    let edit = format!("/desk/students/{student}/edit");
    let status = format!("/desk/students/{student}/status");
    for (path, form, button) in [
        (
            "/desk/students/new",
            &[("first_name", "Zoë <b>"), ("email", "x@example.org"), ("note", "by phone")][..],
            "Zoë",
        ),
        (&*edit, &[("first_name", "Zoë <b>"), ("version", "1")], "Zoë"),
        (&*status, &[("to", "confirmed"), ("version", "1")], "confirmed"),
        ("/desk/profile", &[("name", "Zoë <b>")], "Zoë"),
        ("/desk/staff", &[("email", "zoë@example.org")], "zoë"),
        ("/desk/tokens", &[("name", "Zoë <b>")], "Zoë"),
    ] {
        let page = registrar.submit(path, form);
        assert_eq!(page.status(), 401, "{path}");
        let page = page.text().unwrap();
        let (_, carried) = page.split_once("name=\"carried\" value=\"").unwrap();
        let carried = unescaped(carried.split('"').next().unwrap());
        // Someone else does not see what was typed.
        let other = sign_in(&carried, "ada@school.example");
        assert_eq!(other.status(), 303, "{path}");
        let same = sign_in(&carried, "registrar@school.example");
        assert_eq!(same.status(), 200, "{path}");
        let page = same.text().unwrap();
        assert!(page.contains(button) && !page.contains("<b>"), "{path}: {page}");
        assert!(page.contains(&format!("action=\"{path}\"")), "{path}: {page}");
    }
    assert_eq!(database.query_column("SELECT version AS value FROM students"), ["1"]);
    // What never was such a form leads to the first page.
    for forged in ["- https://evil.example/ x", "- /desk/../../x y", "x"] {
        assert_eq!(header(&sign_in(forged, "registrar@school.example"), "location"), "/desk");
    }
    for next in ["https://evil.example", "//evil.example", "/desk//x", "/\\evil"] {
        let form = [("email", "registrar@school.example"), ("password", PASSWORD), ("next", next)];
        let answer = office.anonymous().submit("/desk/sign-in", &form);
        assert_eq!(header(&answer, "location"), "/desk", "{next}");
    }
    // Passwords are typed again.
    let password = [("current", "my old secret"), ("password", "my new secret pass")];
    let page = registrar.submit("/desk/profile/password", &password);
    assert_eq!(page.status(), 401);
    assert!(!page.text().unwrap().contains("secret"));
    let filtered = registrar.open("/desk/students?status=pending");
    let next = "/desk/sign-in?next=%2Fdesk%2Fstudents%3Fstatus%3Dpending";
    assert_eq!(header(&filtered, "location"), next);
    assert_eq!(header(&registrar.open("/desk/"), "location"), "/desk");
    let page = registrar.open("/desk/profile");
    assert_eq!(
        (page.status().as_u16(), header(&page, "location")),
        (303, "/desk/sign-in?next=%2Fdesk%2Fprofile")
    );
}

fn unescaped(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&").replace("&#37;", "%")
}

fn the_cookie_is_kept_to_tls_where_there_is_tls(database: &TestDatabase) {
    let cookie = |service: &registration_testkit::Service, forwarded: &str| {
        let anonymous = super::office::Person::anonymous(service);
        let form = [("email", "ada@school.example"), ("password", PASSWORD)];
        let request = anonymous.request(Method::POST, "/desk/sign-in").form(&form);
        let answer = request.header("x-forwarded-proto", forwarded).send().unwrap();
        (answer.status().as_u16(), header(&answer, "set-cookie").to_owned())
    };
    let service = start(database);
    Office::open(&service, database);
    let (_, plain) = cookie(&service, "https");
    assert!(
        plain.starts_with("desk=") && plain.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{plain}"
    );
    let secure = "; Path=/; HttpOnly; SameSite=Lax; Secure";
    let service = builder(database).env("PUBLIC_URL", "https://school.example").start();
    let (_, set) = cookie(&service, "http");
    assert!(set.starts_with("__Host-desk=") && set.ends_with(secure), "{set}");
    // A neighbouring host could set a cookie with the plain name.
    let value = set.split(['=', ';']).nth(1).unwrap();
    for (cookie, status) in [(format!("desk={value}"), 303), (format!("__Host-desk={value}"), 200)]
    {
        let list = client().get(service.url("/desk/students")).header("cookie", &cookie);
        assert_eq!(list.send().unwrap().status(), status, "{cookie}");
    }
    let production = "deployment.environment.name=production";
    let service = builder(database)
        .env("TRUSTED_PROXIES", "1")
        .env("OTEL_RESOURCE_ATTRIBUTES", production)
        .start();
    let (_, set) = cookie(&service, "https");
    assert!(set.starts_with("__Host-desk=") && set.ends_with(secure), "{set}");
    let anonymous = super::office::Person::anonymous(&service);
    let form = [("email", "ada@school.example"), ("password", PASSWORD)];
    let refused = anonymous.request(Method::POST, "/desk/sign-in").form(&form).send().unwrap();
    assert_eq!(problem(refused)["code"], "insecure_connection", "in production");
}

fn public_pages_set_no_cookie(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let [student] = &office.register(&["zoe@example.org"])[..] else { panic!() };
    let confirmation = format!("/students/{student}");
    for path in ["/", "/health", "/version", "/nowhere", "/desk/sign-in", &confirmation] {
        let answer = get(&service.url(path), crate::support::BROWSER);
        assert!(answer.headers().get("set-cookie").is_none(), "{path}");
    }
}

fn the_last_administrator_stays(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let id = office.admin.read("/api/me")["id"].as_str().unwrap().to_owned();
    let path = format!("/desk/staff/{id}");
    for change in [
        &[("action", "disable"), ("version", "2")][..],
        &[("action", "role"), ("role", "viewer"), ("version", "2")],
    ] {
        let answer = office.admin.submit(&path, change);
        assert_eq!(answer.status(), 409, "{change:?}");
    }
    assert_eq!(office.admin.read("/api/me")["role"], "admin");
    // An administrator who was invited and has not joined cannot act.
    let link = invite_by_command(database, "eve@school.example", "admin");
    let disable = [("action", "disable"), ("version", "2")];
    assert_eq!(office.admin.submit(&path, &disable).status(), 409);
    office.anonymous().join(&link, "Eve");
    let stale = [("action", "disable"), ("version", "1")];
    assert_eq!(office.admin.submit(&path, &stale).status(), 412);
    assert_eq!(office.admin.submit(&path, &disable).status(), 303, "Eve is there now");
}

fn what_lets_others_in_needs_a_fresh_sign_in(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    let id = office.admin.read("/api/me")["id"].as_str().unwrap().to_owned();
    database.execute(
        "UPDATE sessions SET created_at = strftime('%Y-%m-%d %H:%M:%f', 'now', '-1 hour')",
    );
    let link = [("action", "link")];
    for (path, form) in [
        (
            "/desk/tokens".to_owned(),
            &[("name", "T"), ("days", "7"), ("scopes", "privacy:manage")][..],
        ),
        ("/desk/staff".to_owned(), &[("email", "eve@school.example"), ("role", "admin")]),
        (format!("/desk/staff/{id}"), &link),
    ] {
        let page = office.admin.submit(&path, form);
        assert_eq!(page.status(), 403, "{path}");
        assert!(page.text().unwrap().contains("name=\"carried\""), "{path}");
    }
    assert_eq!(office.admin.open("/desk/tokens").status(), 200, "to look is enough");
}

fn one_guess_is_looked_at_of_several_at_once(database: &TestDatabase) {
    let service = start(database);
    Office::open(&service, database);
    let guess = |number: usize| {
        let password = format!("wrong password {number}");
        let form = [("email", "eve@school.example"), ("password", &*password)];
        super::office::Person::anonymous(&service).submit("/desk/sign-in", &form).status().as_u16()
    };
    std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..8).map(|number| scope.spawn(move || guess(number))).collect();
        assert!(guesses.into_iter().all(|guess| guess.join().unwrap() == 401));
    });
    let wrong = metric(&service, "sign_ins_total{outcome=\"wrong\"}");
    let delayed = metric(&service, "sign_ins_total{outcome=\"delayed\"}");
    assert_eq!((wrong, delayed), (1.0, 7.0));
}

fn invented_cookies_are_limited(database: &TestDatabase) {
    let service = builder(database).env("RATE_LIMIT", "reads=3/60").start();
    let ask = |number: usize| {
        let request =
            client().get(service.url("/api/me")).header("cookie", format!("desk={number}"));
        request.send().unwrap().status().as_u16()
    };
    assert_eq!([0, 1, 2, 3].map(ask), [401, 401, 401, 429]);
}
