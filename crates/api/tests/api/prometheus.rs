//! What Prometheus makes of the metrics: its linter, and a real one that scrapes and is asked.

use std::time::{Duration, Instant};

use libtest_mimic::Trial;
use registration_testkit::{
    Backend, PrometheusServer, TestDatabase, prometheus_trial, promtool_check_metrics,
};
use serde_json::Value;

use crate::support::{builder, client, get, post, registration, start};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        prometheus_trial("promtool_finds_nothing_wrong", promtool_finds_nothing_wrong),
        prometheus_trial("prometheus_answers_what_is_asked", prometheus_answers_what_is_asked),
    ]
}

fn promtool_finds_nothing_wrong() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = start(&database);
    post(&service, &registration("zoe@example.org"));
    for url in [service.url("/metrics"), service.admin_url("/metrics")] {
        let complaints = promtool_check_metrics(&get(&url, "*/*").text().unwrap());
        // OpenTelemetry's name, which docs promise, ends like a part of a histogram.
        let expected = "db_client_connection_count non-histogram and non-summary metrics should not have \"_count\" suffix";
        assert_eq!(complaints, [expected]);
    }
}

fn prometheus_answers_what_is_asked() {
    let database = TestDatabase::new(Backend::Sqlite);
    let service = builder(&database).env("SHUTDOWN_DELAY", "0").start();
    let target = service.admin_url("").replace("http://", "");
    let prometheus = PrometheusServer::scraping(&target);
    let deadline = Instant::now() + Duration::from_secs(60);
    for query in [
        "histogram_quantile(0.95, sum(rate(http_request_duration_seconds_bucket[1m])) by (le, endpoint))",
        "sum(rate(http_requests_total[1m])) by (endpoint)",
        "sum(rate(student_registration_requests_total[1m])) by (outcome)",
        "histogram_quantile(0.95, sum(rate(db_query_duration_seconds_bucket[1m])) by (le, operation))",
    ] {
        let mut number = 0;
        loop {
            // A rate needs samples between which something happens.
            number += 1;
            post(&service, &registration(&format!("zoe{}{number}@example.org", query.len())));
            let url = format!("{}/api/v1/query", prometheus.url());
            let answer = client().post(url).form(&[("query", query)]).send().unwrap();
            let answer: Value = answer.json().unwrap();
            assert_eq!(answer["status"], "success", "{answer}");
            if answer["data"]["result"].as_array().unwrap().iter().any(is_ours) {
                break;
            }
            assert!(Instant::now() < deadline, "{query}: {answer}");
        }
    }
}

/// Whether a series is about registering, and has a value above zero.
fn is_ours(series: &Value) -> bool {
    let labels = series["metric"].as_object().unwrap();
    let ours = labels.values().any(|value| {
        ["/register", "created", "INSERT students"].contains(&value.as_str().unwrap())
    });
    let value: f64 = series["value"][1].as_str().unwrap().parse().unwrap();
    ours && value > 0.0
}
