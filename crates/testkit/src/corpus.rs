//! The shared cases: of what is and is not a registration, and of what bug reports of other services
//! describe.

use registration_applicants::Applicant;
use serde_json::Value;

const CORPUS: &str = include_str!("../../domain/tests/corpus/registrations.jsonl");

const REPORTS: &str = include_str!("../corpus/reports.jsonl");

/// The cases of public bug reports of this kind, such as `http`: raw requests and what answers them.
///
/// # Panics
///
/// Where the file is not what it should be.
#[must_use]
pub fn reports(kind: &str) -> Vec<Value> {
    let reports = REPORTS.lines().map(|line| serde_json::from_str(line).unwrap());
    reports.filter(|report: &Value| report["kind"] == kind).collect()
}

/// One case: a body and the answer it deserves.
pub struct Case {
    /// What the case is about.
    pub name: String,
    /// The JSON body.
    pub body: Value,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The errors of the answer, as `field: code`, in form order.
    pub errors: Vec<String>,
    /// What must be stored, where it differs from what was sent: field and value.
    pub stored: Vec<(String, String)>,
}

/// Every case, in order: some depend on what an earlier one registered.
///
/// # Panics
///
/// Where the file is not what it should be.
#[must_use]
pub fn cases() -> Vec<Case> {
    CORPUS.lines().map(case).collect()
}

fn case(line: &str) -> Case {
    let json: Value = serde_json::from_str(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let errors = errors.iter().map(|e| format!("{}: {}", text(&e["field"]), text(&e["code"])));
    let stored = json["stored"].as_object().into_iter().flatten();
    Case {
        name: text(&json["case"]),
        errors: errors.collect(),
        stored: stored.map(|(field, value)| (field.clone(), text(value))).collect(),
        status: u16::try_from(json["status"].as_u64().unwrap()).unwrap(),
        body: json["body"].clone(),
    }
}

impl Case {
    /// The body as form fields, or `None` where a form cannot say it: a number, a list.
    #[must_use]
    pub fn form(&self) -> Option<Vec<(String, String)>> {
        let valid = Applicant::new("");
        let known = valid.fields().map(|(name, _)| name);
        let fields = self.body.as_object()?.iter().filter(|(_, value)| !value.is_null());
        fields
            .map(|(name, value)| match value {
                Value::String(text) => Some((name.clone(), text.clone())),
                _ if known.contains(&name.as_str()) => None,
                other => Some((name.clone(), other.to_string())),
            })
            .collect()
    }
}
