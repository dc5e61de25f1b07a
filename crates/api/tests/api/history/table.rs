//! What is stored.

use std::collections::HashMap;

use registration_testkit::{Applicant, TestDatabase};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::operation::{Operation, Student};

/// A student with the key of its registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) student: Student,
    pub(super) key: Option<String>,
}

/// Every row. A key is stored as a hash: of one that was never sent, that is its name here.
pub(super) fn read(database: &TestDatabase, history: &[Operation]) -> Vec<Row> {
    let sent = history.iter().filter_map(|operation| operation.request.key.as_ref());
    let keys: HashMap<String, &String> = sent.map(|key| (hash(key), key)).collect();
    let rows = database.query_column(
        "SELECT CAST(JSON_ARRAY(LOWER(HEX(s.public_id)), s.first_name, s.last_name, s.email, \
         DATE_FORMAT(s.created_at, '%Y-%m-%dT%H:%i:%s.%fZ'), LOWER(HEX(k.key_hash))) AS CHAR) \
         AS value FROM students s LEFT JOIN idempotency_keys k ON k.public_id = s.public_id",
    );
    let row = |text: &String| {
        let values: Vec<Value> = serde_json::from_str(text).unwrap();
        let text = |column: usize| values[column].as_str().map(str::to_owned);
        let [id, first_name, last_name, email, created_at] =
            [0, 1, 2, 3, 4].map(|column| text(column).unwrap());
        let applicant = Applicant { first_name, last_name, email };
        let key = text(5).map(|hash| keys.get(&hash).map_or(hash, |key| (*key).clone()));
        Row { student: Student { id, applicant, created_at }, key }
    };
    rows.iter().map(row).collect()
}

fn hash(key: &str) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}
