//! Changes of several students at once.

use registration_application::desk::operations::{OperationView, Preview};
use registration_domain::{
    Actor, DecisionError, OperationId, Skip, StaffId, Status, StudentRecord,
};

use super::{
    super::{
        super::{
            Banner, DecisionFormError, Here, OperationPage, PreviewPage, RefusedDecision, Undo,
            What,
        },
        samples::{minutes_ago, now, student, template},
    },
    Pages,
};

fn records(count: u8) -> Vec<StudentRecord> {
    (1..=count).map(|number| student(number, "Zoë", "Brontë", Status::Withdrawn)).collect()
}

fn carried() -> Vec<(String, String)> {
    [("q", "a\"b"), ("scope", "list"), ("as_of", "7")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}

fn view(id: OperationId) -> OperationView {
    OperationView {
        id,
        kind: "status_changed",
        to: Some(Status::Confirmed),
        reason: None,
        task: None,
        undoes: None,
        by: Actor::Staff(StaffId::from_bytes([1; 16])),
        by_name: Some("Rosa Bianchi".to_owned()),
        at: minutes_ago(3),
        finished_at: Some(now()),
        applied: 588,
        waiting: 0,
        skips: vec![(Skip::ChangedSince, 1), (Skip::IllegalTransition, 70)],
        skipped: vec![(Skip::ChangedSince, records(1)), (Skip::IllegalTransition, records(70))],
        is_undoable: true,
    }
}

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let all = &text.operations;
    let preview = Preview {
        applies: 588,
        skipped: vec![(Skip::IllegalTransition, records(9)), (Skip::Unchanged, records(60))],
        missing: 2,
        as_of: None,
    };
    let list = "/desk/students?status=pending";
    let new = |pages: &Pages, preview: &Preview, to, refused| {
        let layout = pages.admin(Here::Students);
        PreviewPage::new(layout, preview, &What::Decide(to), carried(), refused, list)
    };
    let what = What::Tick(template(1, "Birth certificate"));
    let skipped = vec![(Skip::NoTask, records(2)), (Skip::Unchanged, records(1))];
    let ticked = Preview { skipped, missing: 0, ..preview.clone() };
    let layout = pages.admin(Here::Students);
    let page = PreviewPage::new(layout, &ticked, &what, carried(), None, list);
    let own = &text.checklist;
    let texts = ["Birth certificate", "value=\"tick.", own.unchanged, all.reason(Skip::NoTask)];
    pages.add("operation-tick", &page, &texts);
    let page = new(pages, &preview, Status::Confirmed, None);
    let names = ["588", "value=\"a&#34;b\"", "Brontë", text.statuses.confirmed];
    pages.add("operation-new", &page, &[&names[..], &[all.no_messages]].concat());
    let refused = RefusedDecision {
        error: DecisionFormError::Decision(DecisionError::ReasonRequired),
        reason: None,
        note: "Zoë".to_owned(),
    };
    let page = new(pages, &preview, Status::Rejected, Some(&refused));
    pages.add("operation-refused", &page, &[text.decide.reason_required, "aria-invalid"]);
    let none = Preview { applies: 0, missing: 1, ..preview.clone() };
    let page = new(pages, &none, Status::Confirmed, None);
    pages.add("operation-none", &page, &[all.applies_none, all.missing_one]);
    let one = Preview { applies: 1, missing: 0, skipped: vec![], ..preview };
    let page = new(pages, &one, Status::Confirmed, None);
    pages.add("operation-one", &page, &[all.applies_one, all.button_one]);

    let id = OperationId::new(now(), [1; 10]);
    let done = |pages: &Pages, view: &OperationView, may_undo| {
        OperationPage::new(pages.admin(Here::Elsewhere), view, may_undo)
    };
    let page = done(pages, &view(id), true);
    pages.add("operation", &page, &["588", "Rosa Bianchi", "(70)", "20", all.undo_all]);
    let title = Some(template(1, "Birth certificate").title);
    let ticked = OperationView { kind: "task_marked", to: None, task: title, ..view(id) };
    pages.add("operation-ticked", &done(pages, &ticked, true), &["588", "Birth certificate"]);
    let running = OperationView { finished_at: None, waiting: 1, applied: 0, ..view(id) };
    let page = done(pages, &running, true);
    let texts = [all.running, all.waiting_one, all.stop_and_undo, "data-running", "operation.js"];
    pages.add("operation-running", &page, &texts);
    let undone = OperationView {
        kind: "undone",
        to: None,
        undoes: Some(id),
        applied: 1,
        skips: vec![],
        skipped: vec![],
        ..view(id)
    };
    let page = done(pages, &undone, true);
    pages.add("operation-undone", &page, &[all.undone_one, all.redo]);
    let page = done(pages, &view(id), false);
    pages.add("operation-of-a-colleague", &page, &["588"]);
    let undo = Undo::new(pages.locale, id, list).redo();
    let banner = Banner::undone(pages.locale).with_undo(Some(undo));
    let layout = pages.admin(Here::Elsewhere).with_banner(Some(banner));
    let page = OperationPage::new(layout, &undone, false);
    pages.add("undone", &page, &[all.undone, "data-undo", "name=\"next\""]);
}
