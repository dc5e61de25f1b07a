//! What it costs to check a registration: `cargo bench -p registration-domain`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use registration_domain::{Applicant, ApplicantForm, PerField, RawField};

fn raw(first_name: &str, last_name: &str, email: &str) -> ApplicantForm {
    PerField { first_name, last_name, email }.map(RawField::from)
}

fn validation(criterion: &mut Criterion) {
    let long = "ä".repeat(100);
    let longest = format!("{}@{}.example.org", "l".repeat(64), "d".repeat(63));
    for (name, raw) in [
        ("plain", raw("Jane", "Doe", "jane.doe@example.org")),
        ("with spaces and marks", raw("  Zoe\u{308}  M. ", "Bronte\u{308}", "zoe@example.org")),
        ("international domain", raw("李", "Nguyễn", "li@müller.example")),
        ("longest", raw(&long, &long, &longest)),
        ("all wrong", raw(" ", "\u{202e}x", "not-an-address")),
    ] {
        criterion.bench_function(name, |bench| {
            bench.iter(|| Applicant::parse(black_box(&raw)).is_ok());
        });
    }
}

criterion_group!(benches, validation);
criterion_main!(benches);
