//! The checklist.

use registration_application::desk::checklist::Overview;
use registration_domain::{Role, TaskCount, TaskTitleError, TemplateCount};

use super::{
    super::{
        super::{Banner, ChecklistPage, Here, Outcome, TaskForm, TaskFormError, TemplateForm},
        samples::{minutes_ago, person, tasks, templates, zoe},
    },
    Pages,
};

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let own = &text.checklist;
    let counted = |template: registration_domain::TaskTemplate| {
        let count = TaskCount { open: 1234, done: 56 };
        let oldest = (template.position == 1).then(|| minutes_ago(90_000));
        let count = TemplateCount { template: template.id, count, oldest };
        (template, count)
    };
    let others = tasks().into_iter().skip(3).map(|task| (task, zoe())).collect();
    let overview = Overview {
        templates: templates().into_iter().map(counted).collect(),
        others,
        has_more: true,
    };
    let form = TaskForm::default();
    let layout = |pages: &Pages| pages.admin(Here::Checklist);
    let page = ChecklistPage::new(layout(pages), &overview, &form);
    let texts = ["Birth certificate", "234", own.not_used, "Brontë", "&#60;i&#62;Proof", own.save];
    pages.add("checklist", &page, &texts);
    let viewer = pages.layout(Here::Checklist, Some(&person(3, "Grace Hopper", Role::Viewer)));
    let page = ChecklistPage::new(viewer, &overview, &form);
    pages.add("checklist-viewer", &page, &["Birth certificate"]);
    let nothing = Overview { templates: vec![], others: vec![], has_more: false };
    let page = ChecklistPage::new(layout(pages), &nothing, &form);
    pages.add("checklist-empty", &page, &[own.empty, own.empty_hint]);
    let refused = TaskForm {
        title: "x".repeat(121),
        error: Some(TaskFormError::Title(TaskTitleError::TooLong)),
        ..form.clone()
    };
    let page = ChecklistPage::new(layout(pages), &overview, &refused);
    pages.add("checklist-refused", &page, &[own.title_error(TaskTitleError::TooLong)]);
    let template = templates().remove(0);
    let form_of_one = TemplateForm { id: template.id, position: "first".into(), is_active: true };
    let refused = TaskForm {
        title: "Passport photo".into(),
        template: Some(form_of_one),
        error: Some(TaskFormError::Place),
        ..form.clone()
    };
    let page = ChecklistPage::new(layout(pages), &overview, &refused);
    pages.add("checklist-place", &page, &[own.place_invalid, "Passport photo", "\"first\""]);
    let banner = Banner::of(pages.locale, Outcome::TaskStale, None);
    let page = ChecklistPage::new(layout(pages).with_banner(Some(banner)), &overview, &form);
    pages.add("checklist-stale", &page, &[own.stale]);
}
