//! What operators see of imports.

use libtest_mimic::Trial;
use registration_testkit::{TestDatabase, on_sqlite, telemetry::OtlpReceiver};
use serde_json::json;

use super::{
    super::telemetry::assert_spans,
    Office, count, find,
    operations::wait,
    pages::{page, see_other, send},
    patch, path, upload,
};
use crate::{
    support::{builder, start},
    traces::exporting,
};

pub(super) fn trials() -> Vec<Trial> {
    on_sqlite![every_step_of_an_import_is_a_span, an_old_import_is_deleted]
}

const FILE: &str = "first_name,last_name,email\nZoe,Brontë,zoe@example.org\n,,x\n";

fn every_step_of_an_import_is_a_span(database: &TestDatabase) {
    let receiver = OtlpReceiver::start();
    let service = exporting(builder(database), &receiver).start();
    let office = Office::open(&service, database);
    let admin = &office.admin;
    page(admin, "/desk/imports");
    let import = see_other(&send(admin, "list.csv", FILE.as_bytes()));
    page(admin, &import);
    let columns = ["first_name", "last_name", "email"].map(|name| ("column", name));
    let form = [&columns[..], &[("has_header", "on")]].concat();
    assert_eq!(see_other(&admin.submit(&import, &form)), import);
    assert_eq!(see_other(&admin.submit(&format!("{import}/run"), &[])), import);
    assert_eq!(count(database, "students"), 1);
    let second = upload(admin, FILE);
    assert_eq!(patch(admin, &second, &json!({"update_existing": true})).status(), 200);
    let errors = admin.open(&path(&second, "/errors.csv"));
    assert!(errors.text().unwrap().contains("Enter"));
    let cancel = format!("/desk/imports/{}/cancel", second["id"].as_str().unwrap());
    assert_eq!(see_other(&admin.submit(&cancel, &[])), "/desk/imports");
    service.terminate();
    assert!(!service.wait_for_exit().is_empty());
    assert_spans(
        &receiver,
        &[
            ("GET /desk/imports", "view_imports_handler"),
            ("POST /desk/imports", "upload_import_handler"),
            ("GET /desk/imports/{id}", "view_import_handler"),
            ("POST /desk/imports/{id}", "change_import_handler"),
            ("POST /desk/imports/{id}", "plan_import"),
            ("POST /desk/imports/{id}", "plan_rows"),
            ("POST /desk/imports/{id}/run", "run_import_handler"),
            ("POST /desk/imports/{id}/run", "run_import"),
            ("POST /desk/imports/{id}/run", "import_chunk"),
            ("POST /desk/imports/{id}/cancel", "cancel_import_handler"),
            ("PATCH /api/imports/{id}", "patch_import_handler"),
            ("GET /api/imports/{id}/errors.csv", "download_import_errors_handler"),
        ],
    );
}

fn an_old_import_is_deleted(database: &TestDatabase) {
    let service = start(database);
    let office = Office::open(&service, database);
    upload(&office.admin, FILE);
    let new = upload(&office.admin, &FILE.replace("zoe@", "ada@"));
    let first = "SELECT MIN(id) FROM imports";
    database
        .execute(&format!("UPDATE imports SET at = '2026-01-01 00:00:00' WHERE id = ({first})"));
    // An instance deletes old ones when it starts.
    let _second = builder(database).env("NO_MIGRATE", "true").start();
    wait(|| count(database, "imports") == 1);
    assert_eq!(count(database, "import_rows"), 2, "those of the new one");
    assert_eq!(find(&office.admin, &new)["state"], "planned");
}
