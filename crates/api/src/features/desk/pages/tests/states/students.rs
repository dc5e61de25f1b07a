//! A student’s page.

use registration_domain::{DecisionError, ReasonCode, Role, Status, StudentRecord};

use super::{
    super::{
        super::{
            Banner, DecisionFormError, Here, Names, RefusedDecision, StudentPage, StudentView,
            SupportLinks, TaskForm, TaskFormError,
        },
        samples::{history, notes, person, staff, student, tasks, tokens, zoe},
    },
    Pages,
};

fn view<'a>(record: &'a StudentRecord, names: &'a Names) -> StudentView<'a> {
    StudentView {
        record,
        notes: None,
        history: None,
        undoable: &[],
        tasks: &[],
        task_form: None,
        may_override: false,
        names,
        links: SupportLinks::default(),
        admins: &[],
        refused: None,
        back: None,
    }
}

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let names = Names::new(&staff(), &tokens());
    let (notes, history, tasks) = (notes(), history(), tasks());
    let links = SupportLinks {
        trace: Some("https://t.example/1".into()),
        logs: Some("https://l.example/1".into()),
    };
    let zoe = zoe();
    let full = || StudentView {
        notes: Some(&notes),
        history: Some(&history),
        links: links.clone(),
        tasks: &tasks,
        ..view(&zoe, &names)
    };
    let page = StudentPage::new(pages.admin(Here::Students), &full());
    pages.add(
        "student",
        &page,
        &["Brontë", "Rosa Bianchi", text.history.not_sealed, text.decide.no_place],
    );
    let own = &text.checklist;
    let there = own.count.replace("{done}", "1").replace("{all}", "3");
    let ticked = own.was_ticked.replace("{item}", "“Birth certificate”");
    let texts = [&*there, "&#60;i&#62;Proof", "15 ", &ticked, own.was_deleted, own.delete];
    let page = StudentPage::new(pages.admin(Here::Students), &full());
    pages.add("student-checklist", &page, &texts);
    let form = TaskForm {
        title: "Proof of address".into(),
        due_on: "soon".into(),
        error: Some(TaskFormError::DueOn),
        ..TaskForm::default()
    };
    let page = StudentPage::new(
        pages.admin(Here::Students),
        &StudentView { task_form: Some(&form), ..full() },
    );
    pages.add("student-checklist-refused", &page, &[own.due_invalid, "Proof of address"]);
    let banner = Banner::tasks_open(pages.locale, 2);
    let confirmed = student(2, "Łukasz", "Wiśniewski", Status::Confirmed);
    let page = StudentPage::new(
        pages.admin(Here::Students).with_banner(Some(banner)),
        &StudentView { may_override: true, tasks: &tasks, ..view(&confirmed, &names) },
    );
    pages.add("student-tasks-open", &page, &[own.override_button, "name=\"override\""]);
    let refused = RefusedDecision {
        error: DecisionFormError::Decision(DecisionError::NoteRequired),
        reason: Some(ReasonCode::Other),
        note: String::new(),
    };
    let page = StudentPage::new(
        pages.admin(Here::Students),
        &StudentView { refused: Some(&refused), ..full() },
    );
    pages.add("student-refused", &page, &[text.decide.note_required, "checked"]);
    for (name, status) in [
        ("student-confirmed", Status::Confirmed),
        ("student-enrolled", Status::Enrolled),
        ("student-rejected", Status::Rejected),
    ] {
        let record = student(2, "Łukasz", "Wiśniewski", status);
        let banner = Banner::status_changed(pages.locale, &record);
        let layout = pages.admin(Here::Students).with_banner(Some(banner));
        let page = StudentPage::new(
            layout,
            &StudentView { notes: Some(&[]), history: Some(&[]), ..view(&record, &names) },
        );
        pages.add(name, &page, &[text.statuses.of(status), text.student.no_notes]);
    }
    for (name, banner) in [
        ("student-created", Banner::created(pages.locale, &zoe)),
        ("student-edited", Banner::edited(pages.locale, true)),
        ("student-unchanged", Banner::edited(pages.locale, false)),
    ] {
        let layout = pages.admin(Here::Students).with_banner(Some(banner));
        pages.add(name, &StudentPage::new(layout, &full()), &[text.banners.done]);
    }
    let viewer = pages.layout(Here::Students, Some(&person(3, "Grace Hopper", Role::Viewer)));
    let admins = ["Ada Lovelace".to_owned(), "Rosa Bianchi".to_owned()];
    let page = StudentPage::new(viewer, &StudentView { admins: &admins, ..view(&zoe, &names) });
    pages.add("student-viewer", &page, &[text.student.look_only, "Ada Lovelace"]);
}
