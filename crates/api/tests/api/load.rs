//! The load generator against the real service: what it and every other user of `Applicant` send is
//! valid, and every acknowledged address is in the table.

use clap::Parser as _;
use libtest_mimic::Trial;
use registration_load::{
    Options,
    RequestKind::{Duplicate, Form, Invalid, Keyed, New, Repeat},
};
use registration_testkit::{TestDatabase, on_every_backend};

use crate::support::start;

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![every_kind_of_request_has_its_expected_answer]
}

fn every_kind_of_request_has_its_expected_answer(database: &TestDatabase) {
    let service = start(database);
    let mix = "new=4,duplicate=2,invalid=2,form=4,keyed=4,repeat=4";
    let host = service.url("");
    let line = ["load", "--host", &host, "--runs", "200", "--concurrency", "3", "--mix", mix];
    let options = Options::try_parse_from(line).unwrap();
    let report = registration_load::run(&options, std::future::pending()).unwrap();
    assert!(report.has_passed(), "{report}");
    let sent = |kind| report.kinds[&kind].sent;
    assert_eq!((sent(Invalid), sent(Form)), (20, 40));
    // Until there is an applicant to duplicate or to repeat, a new one is sent.
    assert!((40..=42).contains(&sent(New)) && sent(New) + sent(Duplicate) == 60);
    assert!((40..=42).contains(&sent(Keyed)) && sent(Keyed) + sent(Repeat) == 80);

    let mut acknowledged = report.acknowledged;
    acknowledged.sort_unstable();
    assert_eq!(acknowledged, database.emails());
}
