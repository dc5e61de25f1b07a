//! Queries to Prometheus.

use reqwest::blocking::Client;
use serde_json::Value;

use crate::program::Program;

/// Whether it answers queries: it listens before it does.
pub(crate) fn is_ready(prometheus: &Program) -> bool {
    let answer = Client::new().get(format!("http://{}/-/ready", prometheus.address())).send();
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// The result of an instant query, or what is wrong with it.
pub(crate) fn query(prometheus: &Program, expression: &str) -> Result<Vec<Value>, String> {
    let url = format!("http://{}/api/v1/query", prometheus.address());
    let answer = Client::new().post(url).form(&[("query", expression)]).send();
    let answer: Value = answer.unwrap().json().unwrap();
    match &answer["data"]["result"] {
        // A scalar is a time and a value.
        Value::Array(result) if answer["data"]["resultType"] == "scalar" => {
            Ok(vec![Value::Array(result.clone())])
        }
        Value::Array(result) => Ok(result.clone()),
        _ => Err(answer.to_string()),
    }
}
