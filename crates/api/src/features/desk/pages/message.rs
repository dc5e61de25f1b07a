//! Pages that say one thing: an error, a missing right, a link that does not work.

use std::borrow::Cow;

use askama::Template;
use chrono::{DateTime, Utc};
use registration_domain::Permission;

use super::{
    layout::DeskLayout,
    moment::{Moment, Sentence},
    names, paths,
};
use crate::{
    i18n::desk::MessagePageMessages,
    web::{problem::Problem, reference::SupportReference},
};

/// The page.
#[derive(Template)]
#[template(path = "desk/message.html")]
pub(crate) struct MessagePage {
    layout: DeskLayout,
    /// The status of an error.
    status: Option<u16>,
    title: String,
    sentences: Vec<Sentence>,
    reference: Option<SupportReference>,
    link: (&'static str, String),
}

impl MessagePage {
    fn new(layout: DeskLayout, title: &str, sentences: Vec<Sentence>) -> Self {
        let pages = &layout.text.pages;
        let link = match layout.person {
            Some(_) => (pages.back, layout.href(paths::STUDENTS)),
            None => (pages.to_sign_in, layout.href(paths::SIGN_IN)),
        };
        Self { status: None, title: title.to_owned(), sentences, reference: None, link, layout }
    }

    /// An error of the service or of the request.
    pub(crate) fn error(
        layout: DeskLayout,
        problem: &Problem,
        reference: Option<SupportReference>,
    ) -> Self {
        let (title, detail) = match layout.text.problems.of(problem.code) {
            Some(text) => (text.title, Cow::from(text.detail)),
            None => (problem.title(layout.messages), problem.detail(layout.messages)),
        };
        let page = Self::new(layout, title, vec![detail.into_owned().into()]);
        Self { status: Some(problem.status.as_u16()), reference, ..page }
    }

    /// A page for which the person lacks a right; `admins` are the names of those who can give it.
    pub(crate) fn no_permission(
        layout: DeskLayout,
        permission: Permission,
        admins: &[String],
    ) -> Self {
        let pages = &layout.text.pages;
        let needs = pages.needs.replace("{right}", pages.right(permission));
        let ask = names::who_can_give(admins, layout.text);
        Self::new(layout, pages.no_permission, vec![needs.into(), ask.into()])
    }

    /// A link to set a password that is used or too old. Status 410.
    pub(crate) fn link_expired(layout: DeskLayout) -> Self {
        let pages = &layout.text.pages;
        Self::new(layout, pages.link_expired, vec![pages.link_expired_detail.into()])
    }

    /// A student who was erased. Status 410.
    pub(crate) fn erased(layout: DeskLayout, who: &str, at: DateTime<Utc>) -> Self {
        let pages = &layout.text.pages;
        let detail = pages.erased_detail.replace("{who}", who);
        let detail = Sentence::with_time(&detail, Moment::new(at, layout.messages));
        Self::new(layout, pages.erased, vec![detail])
    }
}

impl MessagePageMessages {
    /// A right, as in "the right to …".
    const fn right(&self, permission: Permission) -> &'static str {
        match permission {
            Permission::StudentsRead => self.right_students_read,
            Permission::NotesRead => self.right_notes_read,
            Permission::StudentsWrite => self.right_students_write,
            Permission::StudentsDecide => self.right_students_decide,
            Permission::ExportsRead => self.right_exports_read,
            Permission::ImportsWrite => self.right_imports_write,
            Permission::TasksRead => self.right_tasks_read,
            Permission::TasksWrite => self.right_tasks_write,
            Permission::Override => self.right_override,
            Permission::SettingsManage => self.right_settings_manage,
            Permission::UndoOthers => self.right_undo_others,
            Permission::AuditRead => self.right_audit_read,
            Permission::PrivacyManage => self.right_privacy_manage,
            Permission::OwnTokens => self.right_own_tokens,
            Permission::StaffManage => self.right_staff_manage,
        }
    }
}
