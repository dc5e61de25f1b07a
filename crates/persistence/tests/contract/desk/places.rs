//! Places in the list that outlast a change of their student, and periods of registration.

use chrono::{DateTime, TimeDelta, Utc};
use libtest_mimic::Trial;
use registration_contract::fixtures::{form, student_at};
use registration_domain::{
    Field, Origin, PageStart, RawField, RecordUpdate, RosterFilter, RosterQuery, Sort, Status,
    StudentRecord,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, emails, later, place};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        a_place_by_name_outlasts_a_change_of_the_name,
        a_period_holds_its_students_after_a_clock_was_set_back,
        absurd_years_are_answered,
    ]
}

fn named(number: u8, last_name: &str, at: DateTime<Utc>) -> StudentRecord {
    let mut form = form(&format!("n{number:03}@example.org"));
    *form.get_mut(Field::LastName) = RawField::from(last_name);
    StudentRecord::new(&student_at(at, number, &form), Origin::default())
}

fn insert_all(desk: &OpenDesk, records: &[StudentRecord]) {
    desk.write(|desk| {
        for record in records {
            desk.insert_record(record)?;
        }
        Ok(())
    });
}

fn query(filter: &RosterFilter, sort: Sort, start: PageStart) -> RosterQuery {
    RosterQuery { filter: filter.clone(), sort, start, limit: 200 }
}

fn a_place_by_name_outlasts_a_change_of_the_name(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let names = ["Adler", "Brontë", "Curie", "Dürer", "Eyre"];
    let records: Vec<_> =
        (0..).zip(names).map(|(n, name)| named(n, name, later(i64::from(n)))).collect();
    insert_all(&desk, &records);
    let all = RosterFilter::default();
    let mut curie = records[2].clone();
    let mut change = |change: &dyn Fn(&mut StudentRecord)| {
        let mut after = curie.with_status(Status::Confirmed, later(60));
        change(&mut after);
        let updated = desk.write(|desk| desk.update_record(&curie, &after));
        assert_eq!(updated, RecordUpdate::Updated);
        curie = after;
    };
    let page = |start| desk.page(&query(&all, Sort::Name, start));
    let shown = RosterQuery { limit: 3, ..query(&all, Sort::Name, PageStart::First) };
    let first = place(&desk.page(&shown), true);
    let check = |place| {
        assert_eq!(
            emails(&page(PageStart::After(place)))[..2],
            ["n003@example.org", "n004@example.org"]
        );
        let before = emails(&page(PageStart::Before(place)));
        assert_eq!(before, ["n000@example.org", "n001@example.org"]);
    };
    check(first);
    change(&|_| ());
    check(first);
    let second = place(&desk.page(&shown), true);
    change(&|curie| "Zweig".clone_into(&mut curie.texts.last_name));
    check(first);
    check(second);
    change(&|curie| "Zola".clone_into(&mut curie.texts.last_name));
    check(first);
    check(second);
    let last = place(&page(PageStart::First), true);
    assert_eq!((last.row, last.version), (first.row, curie.version));
    assert_eq!(page(PageStart::After(last)).students, []);
    assert_eq!(page(PageStart::Before(last)).students.len(), 4);
}

/// Two runs over the same hour, the second after the clock was set back.
fn a_period_holds_its_students_after_a_clock_was_set_back(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let run = |first: u8| {
        (0..60)
            .map(move |minute: u8| named(first + minute, "Brontë", later(i64::from(minute) * 60)))
    };
    let records: Vec<_> = run(0).chain(run(60)).collect();
    insert_all(&desk, &records);
    let (from, to) = (later(20 * 60), later(30 * 60));
    let filter = RosterFilter {
        registered_from: Some(from),
        registered_to: Some(to),
        ..RosterFilter::default()
    };
    let inside = records.iter().filter(|one| (from..to).contains(&one.created_at));
    let expected: Vec<_> = inside.map(|one| one.texts.email.clone()).collect();
    assert_eq!(expected.len(), 20);
    for sort in [Sort::OldestFirst, Sort::Name] {
        let mut listed = emails(&desk.page(&query(&filter, sort, PageStart::First)));
        listed.sort();
        assert_eq!(listed, expected, "{sort:?}");
    }
    assert_eq!(desk.read(|desk| desk.count(&filter, 100)).count, 20);
    assert_eq!(desk.by_status(&filter, 100)[0].count, 20);
}

fn absurd_years_are_answered(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    insert_all(&desk, &[named(1, "Brontë", later(0))]);
    let year = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
    let past = ["-0001-06-01T00:00:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"];
    let past = past.map(year).into_iter().chain([Some(DateTime::<Utc>::MIN_UTC)]);
    let future =
        ["9999-12-31T23:59:59.9999999Z", "+10000-01-01T00:00:00Z", "+99999-01-01T00:00:00Z"];
    let future = future.map(year).into_iter().chain([
        Some(DateTime::<Utc>::MAX_UTC),
        DateTime::<Utc>::MAX_UTC.checked_sub_signed(TimeDelta::minutes(1)),
    ]);
    let count = |registered_from, registered_to| {
        let filter = RosterFilter { registered_from, registered_to, ..RosterFilter::default() };
        let page = desk.page(&query(&filter, Sort::Name, PageStart::First));
        let count = desk.read(|desk| desk.count(&filter, 10)).count;
        assert_eq!(page.students.len(), count);
        count
    };
    for past in past {
        assert_eq!((count(past, None), count(None, past)), (1, 0), "{past:?}");
        for future in future.clone() {
            assert_eq!((count(future, None), count(None, future)), (0, 1), "{future:?}");
            assert_eq!(count(past, future), 1);
        }
    }
}
