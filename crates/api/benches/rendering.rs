//! What it costs to render an answer: `cargo bench -p registration-api`. Each is asked for over one
//! connection of a running service, beside the smallest answer that there is, `/health/live`: the
//! difference is what rendering costs.

use criterion::{Criterion, criterion_group, criterion_main};
use registration_testkit::{Backend, Service, TestDatabase};
use reqwest::blocking::{Client, RequestBuilder};

fn rendering(criterion: &mut Criterion) {
    let database = TestDatabase::new(Backend::Sqlite);
    let binary = env!("CARGO_BIN_EXE_student-registration");
    let service = Service::builder(binary, database.url()).env("RUST_LOG", "warn").start();
    let client = Client::new();
    let page = |path: &str| client.get(service.url(path)).header("accept", "text/html");
    let invalid = || client.post(service.url("/register"));
    let answers: [(&str, &dyn Fn() -> RequestBuilder, u16); 5] = [
        ("smallest answer", &|| page("/health/live"), 200),
        ("form", &|| page("/"), 200),
        ("form, compressed", &|| page("/").header("accept-encoding", "gzip"), 200),
        (
            "form with errors",
            &|| invalid().header("accept", "text/html").form(&[("email", "x")]),
            422,
        ),
        ("problem", &|| invalid().json(&[("email", "x")].into_iter().collect::<Fields>()), 422),
    ];
    for (name, request, status) in answers {
        criterion.bench_function(name, |bench| {
            bench.iter(|| {
                let answer = request().send().map(|answer| (answer.status(), answer.bytes()));
                assert!(matches!(answer, Ok((given, Ok(_))) if given == status), "{answer:?}");
            });
        });
    }
}

type Fields<'a> = std::collections::BTreeMap<&'a str, &'a str>;

criterion_group!(benches, rendering);
criterion_main!(benches);
