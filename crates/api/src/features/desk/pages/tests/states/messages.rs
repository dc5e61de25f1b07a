//! Pages that say one thing.

use actix_web::http::StatusCode;
use registration_domain::{Permission, Role};

use super::{
    super::{
        super::{Here, MessagePage, ResumePage},
        samples::{minutes_ago, person},
    },
    Pages,
};
use crate::web::{problem::Problem, reference::SupportReference};

pub(super) fn add(pages: &mut Pages) {
    let text = &pages.locale.messages().desk;
    let viewer = pages.layout(Here::Elsewhere, Some(&person(3, "Grace Hopper", Role::Viewer)));
    let page =
        MessagePage::no_permission(viewer, Permission::StudentsWrite, &["Ada Lovelace".into()]);
    pages.add("no-permission", &page, &[text.pages.no_permission, "Ada Lovelace"]);
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", |m| m.unavailable);
    let reference = SupportReference::of_trace("4bf92f3577b34da6a3ce929d0e0e4736");
    let page = MessagePage::error(pages.admin(Here::Elsewhere), &problem, Some(reference));
    pages.add("error", &page, &["503", "4bf9-2f35-77b3"]);
    let page = MessagePage::erased(pages.admin(Here::Elsewhere), "Rosa Bianchi", minutes_ago(99));
    pages.add("erased", &page, &["Rosa Bianchi", text.pages.erased]);
    let fields = vec![("first_name".to_owned(), "Zoë \"B\"".to_owned())];
    let page = ResumePage::new(pages.admin(Here::Elsewhere), "/desk/students/new", fields);
    pages.add("resume", &page, &[text.pages.resume_button, "name=\"first_name\""]);
}
