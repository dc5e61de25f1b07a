//! The search finds the same students on every backend as the words do in memory.

use libtest_mimic::Trial;
use registration_contract::fixtures::{demanding_forms, form, keyless, now};
use registration_domain::{
    ApplicantForm, CappedCount, Field, IndexedWords, Origin, PageStart, RawField, RosterFilter,
    RosterQuery, SearchWords, Sort, Status, Student, StudentRecord,
};
use registration_testkit::{NAMES, TestDatabase, corpus, on_every_backend};

use super::{OpenDesk, emails, later, place, students};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        every_script_is_found_as_in_memory,
        a_student_is_found_before_it_is_indexed,
        a_search_is_filtered_counted_and_paged,
    ]
}

/// Names of every script, the longest values, and the names that the shared corpus accepts.
fn forms() -> Vec<ApplicantForm> {
    let named = |number: usize, first_name: &str, last_name: &str| {
        let mut form = form(&format!("Person.{number}+school@mail{}.example.org", number % 7));
        *form.get_mut(Field::FirstName) = RawField::from(first_name);
        *form.get_mut(Field::LastName) = RawField::from(last_name);
        form
    };
    let mut names: Vec<_> =
        NAMES.iter().map(|(first, last)| ((*first).to_owned(), (*last).to_owned())).collect();
    let accepted = corpus::cases().into_iter().filter(|case| case.status == 201);
    names.extend(accepted.filter_map(|case| {
        let text = |name: &str| case.body[name].as_str().map(str::to_owned);
        Some((text("first_name")?, text("last_name")?))
    }));
    let valid = |form: &ApplicantForm| registration_domain::Applicant::parse(form).is_ok();
    let forms = names.iter().enumerate().map(|(n, (first, last))| named(n, first, last));
    forms.chain(demanding_forms()).filter(valid).take(250).collect()
}

/// What people type: prefixes of names, words of two, addresses, registration numbers, nonsense.
fn searches(students: &[Student]) -> Vec<String> {
    let mut searches: Vec<String> = [
        "o'neil",
        "ONEIL",
        "gross",
        "lukasz wojc",
        "zzz",
        "100%",
        "_",
        "a_b",
        "nguyen thi",
        "李 明",
    ]
    .map(str::to_owned)
    .into();
    for student in students.iter().step_by(5) {
        let texts = student.applicant().texts();
        let prefix = |text: &str, chars| text.chars().take(chars).collect::<String>();
        searches.push(prefix(texts.last_name, 1));
        searches.push(prefix(texts.first_name, 3));
        searches.push(format!("{} {}", prefix(texts.last_name, 4), prefix(texts.first_name, 2)));
        searches.push(format!("{} {}", texts.first_name, texts.last_name));
        searches.push(prefix(texts.email, 14));
        searches.push(prefix(&student.id().registration_number(), 9));
    }
    searches.into_iter().filter(|text| SearchWords::parse(text).is_ok()).collect()
}

fn every_script_is_found_as_in_memory(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let students: Vec<_> = students(forms()).collect();
    let store = desk.store();
    // Half of them are indexed; the others are read.
    let (first, second) = students.split_at(students.len() / 2);
    registration_contract::wait_all(first.iter().map(|one| insert(store, one)));
    desk.index_all(now());
    registration_contract::wait_all(second.iter().map(|one| insert(store, one)));
    let mut indexed: Vec<_> = students
        .iter()
        .map(|one| {
            let record = StudentRecord::new(one, Origin::default());
            (IndexedWords::of(record.id, &record.texts), record.texts.email)
        })
        .collect();
    indexed.sort_by(|one, other| one.1.cmp(&other.1));
    let mut found_some = 0;
    for text in searches(&students) {
        let words = SearchWords::parse(&text).unwrap();
        let matching = indexed.iter().filter(|(one, _)| one.matches(&words));
        let expected: Vec<_> = matching.map(|(_, email)| email.clone()).collect();
        if words.words().is_empty() || expected.len() > 200 {
            continue;
        }
        let mut found = desk.found(&text);
        found.sort();
        assert_eq!(found, expected, "{text}");
        found_some += usize::from(!found.is_empty());
    }
    assert!(found_some > 60, "{found_some}");

    // In the order of names, whatever the collation, indexed or not.
    let by_name =
        |start| RosterQuery { filter: RosterFilter::default(), sort: Sort::Name, start, limit: 40 };
    let mut listed = Vec::new();
    let mut page = desk.page(&by_name(PageStart::First));
    loop {
        listed.extend(
            page.students
                .iter()
                .map(|(_, record)| IndexedWords::of(record.id, &record.texts).sort_key),
        );
        if !page.has_next {
            break;
        }
        page = desk.page(&by_name(PageStart::After(place(&page, true))));
    }
    assert!(listed.is_sorted());
    assert_eq!(listed.len(), students.len());
}

fn insert(store: &crate::support::Store, student: &Student) -> registration_domain::InsertFuture {
    registration_domain::RegistrationStore::insert(&store.registrations, keyless(student))
}

fn a_student_is_found_before_it_is_indexed(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let store = desk.store();
    let zoe = registration_contract::fixtures::student(1, "zoe@example.org");
    store.insert_student(&zoe);
    assert_eq!(desk.found("bron"), ["zoe@example.org"]);
    desk.index_all(now());
    assert_eq!(desk.found("bron"), ["zoe@example.org"], "once");
    // After a minute the rows that are not indexed are not looked for below it any more.
    desk.index_all(later(61));
    assert_eq!(desk.found("bron"), ["zoe@example.org"]);
    let position = "SELECT CAST(position AS CHAR) AS value FROM consumers WHERE name <> 'seals'";
    assert_eq!(database.query_column(position), ["1", "1"]);
}

fn a_search_is_filtered_counted_and_paged(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let forms = (0..30).map(|number| form(&format!("n{number:02}@example.org")));
    let students: Vec<_> = students(forms).collect();
    desk.write(|desk| {
        for (number, student) in students.iter().enumerate() {
            let record = super::record(1, "x@example.org").origin;
            let record = StudentRecord::new(student, record);
            let status = if number % 3 == 0 { Status::Confirmed } else { Status::Pending };
            desk.insert_record(&StudentRecord { status, ..record })?;
        }
        Ok(())
    });
    let filter = RosterFilter {
        words: SearchWords::parse("bronte example zo").unwrap(),
        statuses: vec![Status::Confirmed],
        registered_from: Some(later(8)),
        ..RosterFilter::default()
    };
    let query = |sort, start| RosterQuery { filter: filter.clone(), sort, start, limit: 3 };
    let expected = ["n09", "n12", "n15", "n18", "n21", "n24", "n27"];
    for sort in Sort::ALL {
        let mut page = desk.page(&query(sort, PageStart::First));
        let mut found = emails(&page);
        while page.has_next {
            page = desk.page(&query(sort, PageStart::After(place(&page, true))));
            found.extend(emails(&page));
        }
        if sort.is_descending() {
            found.reverse();
        }
        assert_eq!(found, expected.map(|name| format!("{name}@example.org")), "{sort:?}");
        let before = desk.page(&query(sort, PageStart::Before(place(&page, false))));
        assert_eq!((before.students.len(), before.has_next), (3, true));
    }
    let count = |limit| desk.read(|desk| desk.count(&filter, limit));
    assert_eq!(count(7), CappedCount { count: 7, is_capped: false });
    assert_eq!(count(5), CappedCount { count: 5, is_capped: true });

    // One who is not indexed yet.
    desk.store().insert(keyless(&registration_contract::fixtures::student_at(
        later(40),
        40,
        &form("n40@example.org"),
    )));
    let of = |count, is_capped| CappedCount { count, is_capped };
    let [none, pending, confirmed] = [of(0, false), of(17, false), of(7, false)];
    assert_eq!(desk.by_status(&filter, 17), [pending, none, confirmed, none, none, none]);
    assert_eq!(desk.by_status(&filter, 16)[0], of(16, true));
}
