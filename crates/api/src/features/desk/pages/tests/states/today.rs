//! The numbers of the last day.

use chrono::TimeDelta;
use registration_application::desk::today::{LatestChange, Numbers};
use registration_domain::{CappedCount, ErrorCode, Field, FieldError, OperationId, Role};

use super::{
    super::{
        super::{Here, TodayPage},
        samples::{history, minutes_ago, person, staff, zoe},
    },
    Pages,
};

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let error = |field, code, count| (FieldError { field, code }, count);
    let first = minutes_ago(41) - TimeDelta::hours(23);
    let registered = |hour: u8| if hour < 15 { 0 } else { usize::from(hour - 15).pow(3) * 7 };
    let hours = (0..24).map(|hour| (first + TimeDelta::hours(hour.into()), registered(hour)));
    let changes =
        history().into_iter().enumerate().filter(|(_, row)| row.entry.actor.id().is_some());
    let changes = changes.map(|(index, mut row)| {
        row.entry.operation = (index == 1).then(|| OperationId::new(minutes_ago(9), [1; 10]));
        let student = (index != 3).then(zoe);
        LatestChange { row, student, students: if index == 1 { 612 } else { 1 } }
    });
    let full = Numbers {
        at: minutes_ago(0),
        hours: hours.collect(),
        pending: CappedCount { count: 10_000, is_capped: true },
        waitlisted: CappedCount { count: 12, is_capped: false },
        lacking: CappedCount { count: 0, is_capped: false },
        failures: vec![
            error(Field::Email, ErrorCode::AlreadyRegistered, 1_204),
            error(Field::Email, ErrorCode::InvalidEmail, 7),
            error(Field::LastName, ErrorCode::InvalidCharacters, 1),
        ],
        has_students: true,
        behind: 340,
        staff: staff(),
        changes: changes.collect(),
    };
    let (ada, viewer) = (person(1, "Ada Lovelace", Role::Admin), person(3, "Vera", Role::Viewer));
    let page = |pages: &Pages, person, found: &Numbers| {
        TodayPage::new(pages.layout(Here::Today, Some(person)), found, person.id)
    };
    let one = page(pages, &ada, &full);
    let several = text.today.of_several.replace("{count}", "612");
    let texts = [
        "<rect width=\"100%\"",
        "340",
        "Brontë",
        &several,
        text.today.error(ErrorCode::InvalidEmail),
    ];
    pages.add("today", &one, &texts);
    let one = page(pages, &viewer, &full);
    pages.add("today-viewer", &one, &[text.today.erased]);
    let quiet = Numbers { failures: vec![], changes: vec![], behind: 0, ..full.clone() };
    let one = page(pages, &ada, &quiet);
    pages.add("today-quiet", &one, &[text.today.no_failures, text.today.none_by_others]);
    let empty = Numbers { hours: vec![], has_students: false, ..quiet };
    let one = page(pages, &viewer, &empty);
    pages.add("today-empty", &one, &[text.list.no_students]);
}
