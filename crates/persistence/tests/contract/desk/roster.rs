//! The list: pages in every order and in both directions, filters, and counts.

use std::collections::HashMap;

use libtest_mimic::Trial;
use registration_contract::fixtures::{form, student_at};
use registration_domain::{
    CappedCount, Field, IndexedWords, Origin, PageStart, RawField, RosterFilter, RosterQuery,
    SearchWords, Sort, Source, Status, StudentRecord,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, emails, later, place};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        pages_hold_every_student_once_in_every_order,
        no_student_is_skipped_while_others_arrive,
        a_page_by_name_that_begins_at_a_missing_row_is_gone,
        counts_are_capped,
    ]
}

const SOURCES: [Source; 2] = [Source::Desk, Source::Import];

/// Students of every status, with few last names, a minute apart.
fn fill(desk: &OpenDesk, numbers: std::ops::Range<u8>) -> Vec<StudentRecord> {
    let record = |number: u8| {
        let mut form = form(&format!("n{number:03}@example.org"));
        let last_name = ["Brontë", "brontë", "Ångström", "O’Neil", "李"][usize::from(number) % 5];
        *form.get_mut(Field::LastName) = RawField::from(last_name);
        let at = later(i64::from(number) * 60);
        let source = SOURCES[usize::from(number / 2) % 2];
        let record =
            StudentRecord::new(&student_at(at, number, &form), Origin { source, trace_id: None });
        StudentRecord { status: Status::ALL[usize::from(number) % 6], ..record }
    };
    let records: Vec<_> = numbers.map(record).collect();
    desk.write(|desk| {
        for record in &records {
            desk.insert_record(record)?;
        }
        Ok(())
    });
    records
}

fn query(filter: &RosterFilter, sort: Sort, start: PageStart, limit: usize) -> RosterQuery {
    RosterQuery { filter: filter.clone(), sort, start, limit }
}

/// Every page forwards, then every page backwards; all rows at once are the same.
fn walk(desk: &OpenDesk, filter: &RosterFilter, sort: Sort) -> [Vec<String>; 2] {
    let mut page = desk.page(&query(filter, sort, PageStart::First, 7));
    assert!(!page.has_previous && !page.is_cut && page.behind == 0);
    let mut forwards = emails(&page);
    while page.has_next {
        page = desk.page(&query(filter, sort, PageStart::After(place(&page, true)), 7));
        assert!(page.has_previous);
        forwards.extend(emails(&page));
    }
    let mut backwards = emails(&page);
    while page.has_previous && !page.students.is_empty() {
        page = desk.page(&query(filter, sort, PageStart::Before(place(&page, false)), 7));
        assert!(page.has_next);
        backwards.splice(0..0, emails(&page));
    }
    let all = desk.read(|desk| {
        let rows = desk.rows(filter, sort)?.unwrap();
        let mut of: HashMap<_, _> = desk.records_in(&rows)?.into_iter().collect();
        Ok(rows.iter().map(|row| of.remove(row).unwrap().texts.email).collect::<Vec<_>>())
    });
    assert_eq!(all, forwards);
    [forwards, backwards]
}

fn filters() -> Vec<RosterFilter> {
    use Status::{Confirmed, Pending, Rejected};
    let all = RosterFilter::default;
    let (from, to) = (Some(later(600)), Some(later(2400)));
    let words = |text| SearchWords::parse(text).unwrap();
    vec![
        all(),
        RosterFilter { words: words("n0"), ..all() },
        RosterFilter { words: words("n0 bronte"), ..all() },
        RosterFilter { words: words("n0 bronte"), statuses: vec![Pending], ..all() },
        RosterFilter { statuses: vec![Pending], ..all() },
        RosterFilter { statuses: vec![Rejected, Pending, Confirmed], ..all() },
        RosterFilter { sources: vec![Source::Import], ..all() },
        RosterFilter { registered_from: from, ..all() },
        RosterFilter { registered_to: to, ..all() },
        RosterFilter { registered_from: from, registered_to: to, statuses: vec![Pending], ..all() },
        RosterFilter { sources: vec![Source::Form], ..all() },
    ]
}

fn matches(filter: &RosterFilter, record: &StudentRecord) -> bool {
    IndexedWords::of(record.id, &record.texts).matches(&filter.words)
        && (filter.statuses.is_empty() || filter.statuses.contains(&record.status))
        && (filter.sources.is_empty() || filter.sources.contains(&record.origin.source))
        && filter.registered_from.is_none_or(|from| record.created_at >= from)
        && filter.registered_to.is_none_or(|to| record.created_at < to)
}

fn pages_hold_every_student_once_in_every_order(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let records = fill(&desk, 0..50);
    let key = |record: &StudentRecord| {
        let last_name = match record.texts.last_name.as_str() {
            "Ångström" => "1",
            "O’Neil" => "3",
            "李" => "4",
            _ => "2",
        };
        (last_name, record.created_at)
    };
    for filter in filters() {
        let mut matching: Vec<_> = records.iter().filter(|one| matches(&filter, one)).collect();
        let list = |records: &[&StudentRecord]| -> Vec<String> {
            records.iter().map(|record| record.texts.email.clone()).collect()
        };
        for by_name in [false, true] {
            if by_name {
                matching.sort_by_key(|record| key(record));
            }
            let ascending = list(&matching);
            let descending: Vec<_> = ascending.iter().rev().cloned().collect();
            let (up, down) = match by_name {
                false => (Sort::OldestFirst, Sort::NewestFirst),
                true => (Sort::Name, Sort::NameReversed),
            };
            assert_eq!(walk(&desk, &filter, up), [(); 2].map(|()| ascending.clone()), "{filter:?}");
            assert_eq!(walk(&desk, &filter, down), [(); 2].map(|()| descending.clone()));
        }
        let count = desk.read(|desk| desk.count(&filter, 100));
        assert_eq!(count, CappedCount { count: matching.len(), is_capped: false });
        let any_status = RosterFilter { statuses: Vec::new(), ..filter.clone() };
        let of = |status| {
            let matching = records.iter().filter(|one| one.status == status);
            let count = matching.filter(|one| matches(&any_status, one)).count();
            CappedCount { count, is_capped: false }
        };
        assert_eq!(desk.by_status(&filter, 100), Status::ALL.map(of), "{filter:?}");
    }
}

fn no_student_is_skipped_while_others_arrive(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    for sort in Sort::ALL {
        database.execute("DELETE FROM student_words; DELETE FROM students");
        let before: Vec<_> =
            fill(&desk, 100..112).iter().map(|one| one.texts.email.clone()).collect();
        let all = RosterFilter::default();
        let mut seen = Vec::new();
        let mut start = PageStart::First;
        for number in 0.. {
            let page = desk.page(&query(&all, sort, start, 3));
            seen.extend(emails(&page).into_iter().filter(|email| before.contains(email)));
            if !page.has_next {
                break;
            }
            start = PageStart::After(place(&page, true));
            // One before and one behind the place, by name and by time.
            if number < 5 {
                fill(&desk, number * 2..number * 2 + 2);
            }
        }
        seen.sort();
        assert_eq!(seen, before, "{sort:?}");
    }
}

fn a_page_by_name_that_begins_at_a_missing_row_is_gone(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let records = fill(&desk, 0..5);
    let all = RosterFilter::default();
    let first = desk.page(&query(&all, Sort::OldestFirst, PageStart::First, 2));
    let start = PageStart::After(place(&first, true));
    assert_eq!(desk.write(|desk| desk.erase_records(&[records[1].id])), 1);
    let page = |sort| desk.read(|desk| desk.page(&query(&all, sort, start, 2)));
    assert_eq!(page(Sort::Name), None);
    let next = page(Sort::OldestFirst).unwrap();
    assert_eq!(emails(&next), ["n002@example.org", "n003@example.org"]);
}

fn counts_are_capped(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    fill(&desk, 0..12);
    let count = |limit| desk.read(|desk| desk.count(&RosterFilter::default(), limit));
    assert_eq!(count(12), CappedCount { count: 12, is_capped: false });
    assert_eq!(count(11), CappedCount { count: 11, is_capped: true });
    let by_status = |limit| desk.by_status(&RosterFilter::default(), limit);
    assert_eq!(by_status(2), [CappedCount { count: 2, is_capped: false }; 6]);
    assert_eq!(by_status(1), [CappedCount { count: 1, is_capped: true }; 6]);
}
