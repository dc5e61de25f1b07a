//! Every page in every state that a person can meet.

mod checklist;
mod doors;
mod forms;
mod lists;
mod messages;
mod office;
mod operations;
mod review;
mod students;
mod today;

use actix_web::test::TestRequest;
use askama::Template;
use registration_domain::{Role, StaffMember};

use super::{
    super::{DeskLayout, Here, ToolLink},
    samples::person,
};
use crate::{i18n::Language, web::locale::RequestLocale};

/// A page, and texts that it must hold.
pub(super) struct State {
    pub(super) name: &'static str,
    pub(super) page: String,
    pub(super) texts: Vec<String>,
}

struct Pages {
    locale: RequestLocale,
    states: Vec<State>,
}

impl Pages {
    fn layout(&self, here: Here, person: Option<&StaffMember>) -> DeskLayout {
        let tool =
            |name: &str| ToolLink { name: name.into(), href: "https://tools.example/".into() };
        let tools = ["Grafana", "Traces", "Logs", "Prometheus"].map(tool);
        let layout = DeskLayout::new(self.locale, here, "/desk/students?q=a&status=pending");
        match person {
            None => layout,
            Some(person) => layout.for_person(person).with_tools(&tools),
        }
    }

    fn admin(&self, here: Here) -> DeskLayout {
        self.layout(here, Some(&person(1, "Ada Lovelace", Role::Admin)))
    }

    fn add(&mut self, name: &'static str, page: &impl Template, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.states.push(State { name, page: page.render().unwrap(), texts });
    }
}

pub(super) fn states(language: Language) -> Vec<State> {
    let uri = format!("/desk/students?lang={}", language.tag());
    let locale = RequestLocale::of(&TestRequest::with_uri(&uri).to_http_request());
    let mut pages = Pages { locale, states: Vec::new() };
    doors::add(&mut pages);
    today::add(&mut pages);
    lists::add(&mut pages);
    students::add(&mut pages);
    checklist::add(&mut pages);
    forms::add(&mut pages);
    office::add(&mut pages);
    operations::add(&mut pages);
    review::add(&mut pages);
    messages::add(&mut pages);
    pages.states
}
