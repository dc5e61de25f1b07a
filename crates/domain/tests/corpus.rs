//! Every case of the shared corpus and of public bug reports, by the domain's rules alone.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use registration_domain::{Applicant, ApplicantForm, ErrorCode, RawField};
use serde_json::Value;

const CORPUS: &str = include_str!("corpus/registrations.jsonl");
const REPORTS: &str = include_str!("../../testkit/corpus/reports.jsonl");

fn raw(body: &Value, name: &str) -> RawField {
    match &body[name] {
        Value::Null => RawField::Missing,
        Value::String(text) => RawField::Text(text.clone()),
        _ => RawField::NotText,
    }
}

/// The errors that the rules alone can find, as `field: code`.
fn expected_errors(case: &Value) -> Vec<String> {
    let errors = case["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    errors
        .iter()
        .filter(|error| error["code"] != ErrorCode::AlreadyRegistered.as_str())
        .map(|error| {
            format!("{}: {}", error["field"].as_str().unwrap(), error["code"].as_str().unwrap())
        })
        .collect()
}

#[test]
fn every_case_is_judged_as_the_corpus_says() {
    let mut cases = 0;
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap();
    let reports = REPORTS.lines().map(parse).filter(|case| case["kind"] == "registration");
    for case in CORPUS.lines().map(parse).chain(reports) {
        let body = &case["body"];
        let parsed = Applicant::parse(&ApplicantForm::from_fn(|field| raw(body, field.as_str())));

        let errors = parsed
            .as_ref()
            .err()
            .map(|errors| errors.iter().map(|e| e.to_string()).collect::<Vec<_>>());
        assert_eq!(errors.unwrap_or_default(), expected_errors(&case), "{}", case["case"]);

        if let (Ok(registration), Some(stored)) = (&parsed, case["stored"].as_object()) {
            for (field, value) in stored {
                let texts = registration.texts();
                assert_eq!(
                    *texts.get(field.parse().unwrap()),
                    value.as_str().unwrap(),
                    "{}: {field}",
                    case["case"]
                );
            }
        }
        cases += 1;
    }
    assert!(cases > 130, "the corpus shrank to {cases} cases");
}
