//! The checklist: items that are read back, that filter the list, and that templates give to students.

use std::collections::HashSet;

use libtest_mimic::Trial;
use registration_domain::{
    Actor, MissingTask, PageStart, RosterFilter, RosterQuery, RowId, SearchWords, Sort, Status,
    StudentRecord, Task, TaskCount, TaskId, TaskInsert, TaskQuery, TaskState, TaskTemplate,
    TaskTitle, TemplateId, Version,
};
use registration_testkit::{TestDatabase, on_every_backend};

use super::{OpenDesk, emails, later, record};

pub(crate) fn trials() -> Vec<Trial> {
    on_every_backend![
        an_item_is_read_back_and_counted,
        the_list_holds_those_who_lack_an_item,
        items_of_a_place_are_added_once_and_removed_unless_changed,
        a_template_is_given_in_steps_by_several_instances_and_again_when_it_has_settled,
    ]
}

fn template(number: u8) -> TaskTemplate {
    TaskTemplate {
        id: TemplateId::new(later(i64::from(number)), [number; 10]),
        title: title(&format!("Item {number}")),
        position: u16::from(100 - number),
        is_active: true,
        changed_at: later(0),
        version: Version::FIRST,
    }
}

fn title(text: &str) -> TaskTitle {
    TaskTitle::parse(text).unwrap()
}

/// Students of this status, and their rows.
fn fill(
    desk: &OpenDesk,
    numbers: std::ops::Range<u16>,
    status: Status,
) -> Vec<(RowId, StudentRecord)> {
    let one = |number: u16| {
        let record = record((number % 256) as u8, &format!("n{number:04}@example.org"));
        let id = registration_domain::StudentId::new(later(i64::from(number)), [7; 10]);
        StudentRecord { status, id, ..record }
    };
    let records: Vec<_> = numbers.map(one).collect();
    desk.write(|desk| {
        for record in &records {
            desk.insert_record(record)?;
        }
        Ok(())
    });
    let ids: Vec<_> = records.iter().map(|record| record.id).collect();
    let mut found = desk.read(|desk| desk.find_records(&ids));
    found.sort_by_key(|(row, _)| *row);
    found
}

fn registrar() -> Actor {
    Actor::Staff(registration_domain::StaffId::new(later(0), [9; 10]))
}

fn an_item_is_read_back_and_counted(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let (first, second) = (template(1), template(2));
    desk.write(|desk| {
        desk.insert_template(&first)?;
        desk.insert_template(&second)
    });
    assert_eq!(desk.read(|desk| desk.templates()), [second.clone(), first.clone()], "by position");
    let renamed = TaskTemplate {
        title: title("Ärztliches Attest 📄"),
        version: Version::FIRST.next(),
        ..first.clone()
    };
    desk.write(|desk| desk.update_template(&renamed));
    assert_eq!(desk.write(|desk| desk.lock_template(first.id)), Some(renamed.clone()));

    let students = fill(&desk, 0..2, Status::Confirmed);
    let [(row, one), (other, two)] = &students[..] else { panic!() };
    let own = Task::new(
        TaskId::new(later(3), [3; 10]),
        two.id,
        title("Own"),
        "2026-09-15".parse().ok(),
        later(3),
    );
    desk.write(|desk| {
        assert_eq!(desk.add_checklists(&[(*row, one.id)], later(2))?, 2);
        assert_eq!(desk.insert_task(&own)?, TaskInsert::Inserted);
        let unknown =
            Task { student: registration_domain::StudentId::new(later(9), [9; 10]), ..own.clone() };
        assert_eq!(desk.insert_task(&unknown)?, TaskInsert::NoStudent);
        Ok(())
    });
    let all = desk.read(|desk| desk.tasks(&TaskQuery { limit: 9, ..TaskQuery::default() }));
    let all: Vec<_> = all.into_iter().map(|(_, task)| task).collect();
    let of = |template: &TaskTemplate| Task::of_template(one.id, template, later(2));
    assert_eq!(
        all,
        [own.clone(), of(&renamed), of(&second)],
        "the newest first, with their titles"
    );
    assert_eq!(desk.read(|desk| desk.find_task(own.id)), Some(own.clone()));

    let done = of(&second).marked(TaskState::Done, registrar(), later(4)).unwrap();
    let waived = of(&renamed).marked(TaskState::Waived, registrar(), later(4)).unwrap();
    desk.write(|desk| {
        assert_eq!(desk.lock_task(done.id)?, Some(of(&second)));
        desk.update_task(&done)?;
        desk.update_marks(std::slice::from_ref(&waived))
    });
    let mut locked = desk.write(|desk| desk.lock_tasks(&[done.id, waived.id]));
    locked.sort_by_key(|task| task.id != done.id);
    assert_eq!(locked, [done.clone(), waived]);
    let mut counts = desk.read(|desk| desk.count_tasks(&[*row, *other, RowId(999)]));
    counts.sort_by_key(|(row, _)| *row);
    let count = |open, done| TaskCount { open, done };
    assert_eq!(counts, [(*row, count(0, 1)), (*other, count(1, 0))]);
    let open = desk.read(|desk| desk.with_open_tasks(&[*row, *other]));
    assert_eq!(open, HashSet::from([*other]));
    let by_template = desk.read(|desk| desk.count_by_template());
    let counted: Vec<_> =
        by_template.iter().map(|one| (one.template, one.count, one.oldest)).collect();
    assert_eq!(counted, [(second.id, count(0, 1), None), (first.id, count(0, 0), None)]);
    desk.write(|desk| desk.delete_task(own.id));
    assert_eq!(desk.read(|desk| desk.find_task(own.id)), None);
}

/// The list with this filter, in pages of three.
fn walk(desk: &OpenDesk, filter: &RosterFilter, sort: Sort) -> Vec<String> {
    let (mut start, mut found) = (PageStart::First, Vec::new());
    loop {
        let page = desk.page(&RosterQuery { filter: filter.clone(), sort, start, limit: 3 });
        found.extend(emails(&page));
        if !page.has_next {
            return found;
        }
        start = PageStart::After(super::place(&page, true));
    }
}

fn the_list_holds_those_who_lack_an_item(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let (first, second) = (template(1), template(2));
    desk.write(|desk| {
        desk.insert_template(&first)?;
        desk.insert_template(&second)
    });
    let mut students = fill(&desk, 0..10, Status::Confirmed);
    students.extend(fill(&desk, 10..20, Status::Enrolled));
    let rows: Vec<_> = students.iter().map(|(row, record)| (*row, record.id)).collect();
    desk.write(|desk| desk.add_checklists(&rows, later(1)));
    // Of every third the second item is done, of every sixth both are.
    let done = |student: &StudentRecord, template: &TaskTemplate| {
        let task = Task::of_template(student.id, template, later(1));
        task.marked(TaskState::Done, registrar(), later(2)).unwrap()
    };
    let second_done = students.iter().step_by(3).map(|(_, record)| done(record, &second));
    let both_done = students.iter().step_by(6).map(|(_, record)| done(record, &first));
    let marks: Vec<_> = second_done.chain(both_done).collect();
    desk.write(|desk| desk.update_marks(&marks));
    let lacks = |number: usize, missing| match missing {
        MissingTask::Of(id) if id == first.id => !number.is_multiple_of(6),
        MissingTask::Of(_) => !number.is_multiple_of(3),
        MissingTask::Any => !number.is_multiple_of(6),
    };
    for missing in [MissingTask::Any, MissingTask::Of(first.id), MissingTask::Of(second.id)] {
        for statuses in [vec![], vec![Status::Enrolled], vec![Status::Enrolled, Status::Confirmed]]
        {
            for words in ["", "n000", "n000 example"] {
                let is_expected = |(number, (_, record)): &(usize, &(RowId, StudentRecord))| {
                    lacks(*number, missing)
                        && (statuses.is_empty() || statuses.contains(&record.status))
                        && (words.is_empty() || *number < 10)
                };
                let expected: Vec<_> = students
                    .iter()
                    .enumerate()
                    .filter(is_expected)
                    .map(|(_, (_, record))| record.texts.email.clone())
                    .collect();
                let filter = RosterFilter {
                    missing: Some(missing),
                    statuses: statuses.clone(),
                    words: SearchWords::parse(words).unwrap(),
                    ..RosterFilter::default()
                };
                let case = format!("{missing:?} {statuses:?} {words:?}");
                assert_eq!(walk(&desk, &filter, Sort::OldestFirst), expected, "{case}");
                let mut newest = walk(&desk, &filter, Sort::NewestFirst);
                newest.reverse();
                assert_eq!(newest, expected, "{case}");
                let mut by_name = walk(&desk, &filter, Sort::Name);
                by_name.sort();
                assert_eq!(by_name, expected, "{case}");
                let count = desk.read(|desk| desk.count(&filter, 100));
                assert_eq!((count.count, count.is_capped), (expected.len(), false), "{case}");
                if statuses.is_empty() {
                    let counts =
                        desk.by_status(&filter, 100).iter().map(|one| one.count).sum::<usize>();
                    assert_eq!(counts, expected.len(), "{case}");
                }
            }
        }
    }
}

fn items_of_a_place_are_added_once_and_removed_unless_changed(database: &TestDatabase) {
    let desk = OpenDesk::new(database);
    let inactive = TaskTemplate { is_active: false, ..template(3) };
    let templates = [template(1), template(2), inactive];
    desk.write(|desk| templates.iter().try_for_each(|one| desk.insert_template(one)));
    // More than one statement looks up.
    let students = fill(&desk, 0..200, Status::Confirmed);
    let rows: Vec<_> = students.iter().map(|(row, record)| (*row, record.id)).collect();
    let add = |rows: &[_]| desk.write(|desk| desk.add_checklists(rows, later(1)));
    assert_eq!(add(&rows[..50]), 100);
    assert_eq!(add(&rows), 300, "those who had them have them once");
    assert_eq!(add(&rows), 0);
    let kept = Task::of_template(students[0].1.id, &templates[0], later(1));
    let kept = kept.marked(TaskState::Done, registrar(), later(2)).unwrap();
    let reopened = Task::of_template(students[1].1.id, &templates[0], later(1));
    let reopened = reopened.marked(TaskState::Done, registrar(), later(2)).unwrap();
    let reopened = reopened.marked(TaskState::Open, registrar(), later(3)).unwrap();
    let empty = Task::of_template(students[2].1.id, &templates[0], later(1));
    let empty = empty.marked(TaskState::Waived, registrar(), later(2)).unwrap();
    let empty = empty.marked(TaskState::Open, registrar(), later(3)).unwrap();
    let due = Task {
        due_on: "2026-09-15".parse().ok(),
        version: Version::FIRST.next(),
        ..Task::of_template(students[3].1.id, &templates[0], later(1))
    };
    desk.write(|desk| {
        desk.update_marks(&[kept.clone(), reopened.clone(), empty.clone()])?;
        desk.update_task(&due)
    });
    let rows: Vec<_> = students.iter().map(|(row, _)| *row).collect();
    desk.write(|desk| desk.remove_checklists(&rows));
    let left = desk.read(|desk| desk.tasks(&TaskQuery { limit: 999, ..TaskQuery::default() }));
    let left: HashSet<_> = left.into_iter().map(|(_, task)| task.id).collect();
    assert_eq!(left, HashSet::from([kept.id, reopened.id, due.id]));
}

fn a_template_is_given_in_steps_by_several_instances_and_again_when_it_has_settled(
    database: &TestDatabase,
) {
    let (desk, other) = (OpenDesk::new(database), OpenDesk::on(database));
    let of_status = |numbers, status| fill(&desk, numbers, status);
    of_status(0..230, Status::Confirmed);
    of_status(230..470, Status::Enrolled);
    of_status(470..500, Status::Pending);
    let given = template(1);
    let count = || {
        let counts = desk.read(|desk| desk.count_by_template());
        counts.iter().map(|one| one.count.open).sum::<usize>()
    };
    assert!(!desk.read(|desk| desk.has_due_template(later(0))));
    desk.write(|desk| desk.insert_template(&given));
    let run = |at| {
        let (mut added, mut steps) = (0, 0);
        for desk in [&desk, &other].into_iter().cycle() {
            assert!(steps < 20, "it comes to an end");
            match desk.write(|desk| desk.fill_next(later(at))) {
                Some(new) => added += new,
                None => return (added, steps),
            }
            steps += 1;
        }
        unreachable!("a cycle does not end")
    };
    assert!(desk.read(|desk| desk.has_due_template(later(0))));
    let (added, steps) = run(0);
    assert_eq!((added, count()), (470, 470));
    assert!(steps >= 3, "{steps} steps");
    assert!(!desk.read(|desk| desk.has_due_template(later(59))));
    // Someone got a place by a transaction that had not seen the template.
    of_status(500..501, Status::Confirmed);
    assert_eq!(run(60).0, 1);
    assert_eq!(count(), 471);
    assert!(!desk.read(|desk| desk.has_due_template(later(61))));
    let tomorrow = 61 + 86_400;
    assert!(desk.read(|desk| desk.has_due_template(later(tomorrow))), "once a day");
    // A transaction that had not seen a change of the template gave an item to someone who has no place.
    let [(row, without_place)] = &of_status(501..502, Status::Rejected)[..] else { panic!() };
    desk.write(|desk| desk.add_checklists(&[(*row, without_place.id)], later(61)));
    let of_one = TaskQuery { student: Some(without_place.id), limit: 9, ..TaskQuery::default() };
    assert_eq!(desk.read(|desk| desk.tasks(&of_one)).len(), 1);
    assert_eq!((run(tomorrow).0, count()), (0, 471));
    assert_eq!(desk.read(|desk| desk.tasks(&of_one)), []);
    let inactive = TaskTemplate {
        is_active: false,
        changed_at: later(tomorrow + 9),
        version: Version::FIRST.next(),
        ..given.clone()
    };
    desk.write(|desk| desk.update_template(&inactive));
    assert_eq!((run(tomorrow + 9).0, count()), (0, 0), "it is not active any more");
}
