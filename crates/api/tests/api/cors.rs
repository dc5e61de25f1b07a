//! Pages of other origins, which register where `ALLOWED_ORIGINS` lists them.

use libtest_mimic::Trial;
use registration_testkit::{Service, trials};
use serde_json::json;

use crate::support::{client, header, registration, sqlite, sqlite_with};

pub(crate) fn trials() -> Vec<Trial> {
    trials![allowed_origins_can_register,]
}

fn allowed_origins_can_register() {
    const SCHOOL: &str = "https://www.school.example";
    const ASKED: &str = "content-type,idempotency-key,traceparent,tracestate,baggage";
    let (database, service) = sqlite_with(&[("ALLOWED_ORIGINS", SCHOOL)]);
    let preflight = |service: &Service, origin: &str| {
        client()
            .request(reqwest::Method::OPTIONS, service.url("/register"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", ASKED)
            .send()
            .unwrap()
    };
    let allowed = preflight(&service, SCHOOL);
    assert!(allowed.status().is_success());
    assert_eq!(header(&allowed, "access-control-allow-origin"), SCHOOL);
    assert_eq!(header(&allowed, "access-control-allow-methods"), "POST");
    let headers = header(&allowed, "access-control-allow-headers").to_lowercase();
    for name in ASKED.split(',') {
        assert!(headers.contains(name), "{headers}");
    }
    let request = client().post(service.url("/register")).header("origin", SCHOOL);
    let created = request.json(&registration("a@example.org")).send().unwrap();
    assert_eq!(created.status(), 201);
    assert_eq!(header(&created, "access-control-allow-origin"), SCHOOL);
    let exposed = header(&created, "access-control-expose-headers").to_lowercase();
    assert!(exposed.contains("location") && exposed.contains("retry-after"), "{exposed}");
    // A problem can be read as well.
    let request = client().post(service.url("/register")).header("origin", SCHOOL);
    let refused = request.json(&json!({})).send().unwrap();
    assert_eq!(header(&refused, "access-control-allow-origin"), SCHOOL);

    // What else there is, is none of their business.
    let metrics = client().get(service.url("/metrics")).header("origin", SCHOOL).send().unwrap();
    assert_eq!(header(&metrics, "access-control-allow-origin"), "");

    let (_database, closed) = sqlite();
    for (service, origin) in [(&service, "https://evil.example"), (&closed, SCHOOL)] {
        let refused = preflight(service, origin);
        assert_eq!(header(&refused, "access-control-allow-origin"), "");
    }
    assert_eq!(database.emails(), ["a@example.org"]);
    // Our own page has an origin too, and needs no permission.
    let own = client().post(service.url("/register")).header("origin", service.url(""));
    assert_eq!(own.json(&registration("b@example.org")).send().unwrap().status(), 201);
}
