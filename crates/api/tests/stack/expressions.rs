//! The `PromQL` of dashboards and recording rules, as `make test-stack` has `infra/check` collect it.

use std::{fs, path::Path};

use serde::Deserialize;

use crate::scaled;

/// One expression, with every variable at All.
#[derive(Deserialize)]
pub(crate) struct Expression {
    pub(crate) place: String,
    pub(crate) text: String,
    /// A recording rule's, whose windows are scaled.
    recorded: bool,
    /// The programs whose metrics it asks for, beside the service.
    programs: Vec<String>,
}

impl Expression {
    /// A program that does not run here and whose metrics the expression asks for.
    pub(crate) fn absent_program(&self) -> Option<&str> {
        let runs = ["mariadb", "prometheus", "alertmanager"];
        self.programs.iter().map(String::as_str).find(|program| !runs.contains(program))
    }
}

/// An alert's expression is not among them: its result is empty while nothing is wrong.
pub(crate) fn all() -> Vec<Expression> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/expressions.json");
    let text = fs::read_to_string(file).unwrap_or_else(|error| {
        panic!("target/expressions.json, which make test-stack writes: {error}")
    });
    let mut all: Vec<Expression> = serde_json::from_str(&text).unwrap();
    for expression in all.iter_mut().filter(|expression| expression.recorded) {
        expression.text = scaled::expression(&expression.text);
    }
    all
}
