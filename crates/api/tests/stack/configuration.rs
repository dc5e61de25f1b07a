//! `infra/prometheus` as a native Prometheus reads it: the same jobs and rules, at other addresses, in
//! faster time.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    files::{listed, yaml},
    scaled,
};

/// Writes the configuration into `folder`, with these jobs at these addresses; others are left out.
pub(crate) fn write(folder: &Path, jobs: &[(&str, &str)], alertmanager: &str) {
    let mut config = yaml("prometheus/prometheus.yml");
    for interval in ["scrape_interval", "scrape_timeout", "evaluation_interval"] {
        config["global"][interval] = scaled::INTERVAL.into();
    }
    let scrapes = config["scrape_configs"].as_array_mut().unwrap();
    scrapes.retain(|scrape| jobs.iter().any(|(job, _)| scrape["job_name"] == *job));
    assert_eq!(scrapes.len(), jobs.len(), "a job is missing");
    for scrape in scrapes {
        let (_, address) = jobs.iter().find(|(job, _)| scrape["job_name"] == *job).unwrap();
        scrape.as_object_mut().unwrap().retain(|key, _| !key.starts_with("scrape_"));
        scrape["static_configs"][0]["targets"] = json!([address]);
    }
    config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = json!([alertmanager]);
    let rules: Vec<_> =
        listed("prometheus/rules", ".yml").iter().map(|rules| write_rules(folder, rules)).collect();
    config["rule_files"] = json!(rules);
    fs::write(folder.join("prometheus.yml"), config.to_string()).unwrap();
}

/// JSON is YAML too.
fn write_rules(folder: &Path, file: &str) -> String {
    let name = file.rsplit('/').next().unwrap();
    fs::write(folder.join(name), scaled::rules(yaml(file)).to_string()).unwrap();
    name.to_owned()
}
