//! Work that panics leaves nothing behind.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use libtest_mimic::Trial;
use registration_domain::{DeskStore as _, DeskTransaction};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, record};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![work_that_panics_leaves_no_transaction_open]
}

fn work_that_panics_leaves_no_transaction_open(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let zoe = record(1, "zoe@example.org");
    let read = || desk.read(|desk| desk.find_record(zoe.id));
    // More often than there are connections.
    for _ in 0..4 {
        let panics = |desk: &mut dyn DeskTransaction| {
            desk.find_record(zoe.id)?;
            resume_unwind(Box::new("while reading"))
        };
        let caught = catch_unwind(AssertUnwindSafe(|| desk.desk.read(&mut { panics })));
        assert!(caught.is_err());
        assert_eq!(read(), None);
        let panics = |desk: &mut dyn DeskTransaction| {
            desk.insert_record(&zoe)?;
            resume_unwind(Box::new("while writing"))
        };
        let caught = catch_unwind(AssertUnwindSafe(|| desk.desk.write(&mut { panics })));
        assert!(caught.is_err());
        assert_eq!(read(), None);
    }
    desk.insert(&zoe);
    assert_eq!(read(), Some(zoe.clone()));
}
