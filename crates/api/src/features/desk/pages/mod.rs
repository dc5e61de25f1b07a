//! The pages of the school office: a struct and a template each. They take domain types and what the
//! session knows; they decide nothing.
//!
//! Templates are in `frontend/templates/desk`, texts in `i18n/desk`.

mod banner;
mod checklist;
mod decide;
mod edit;
mod erase;
mod errors;
mod export;
mod history;
mod imports;
mod layout;
mod list_filter;
mod list_rows;
mod message;
mod moment;
mod names;
mod operation;
mod outcome;
pub(crate) mod paths;
mod print;
mod profile;
mod resume;
mod review;
mod roster_params;
mod sign_in;
mod staff;
mod stale;
mod student;
mod students;
#[cfg(test)]
mod tests;
mod text_field;
mod today;
mod token_form;
mod tokens;
mod welcome;

pub(crate) use self::{
    banner::{Banner, Change, Undo},
    checklist::{ChecklistPage, TaskForm, TaskFormError, TemplateForm},
    decide::{DecisionFormError, RefusedDecision},
    edit::{EditPage, NewStudentPage},
    erase::ErasePage,
    errors::NameError,
    export::ExportPage,
    imports::{ImportPage, ImportsPage, PlanPage, ReadingPage},
    layout::{DeskLayout, Here, ToolLink},
    message::MessagePage,
    names::Names,
    operation::{OperationPage, PreviewPage, What},
    outcome::Outcome,
    print::{PrintOptions, PrintPage},
    profile::{ProfileError, ProfilePage},
    resume::ResumePage,
    review::{ReviewPage, Reviewed},
    roster_params::RosterParams,
    sign_in::{SignInError, SignInNotice, SignInPage},
    staff::{InviteError, InviteForm, ShownLink, StaffPage},
    stale::StalePage,
    student::{StudentPage, StudentView, SupportLinks},
    students::{Listing, StudentsPage, TICK},
    today::TodayPage,
    token_form::{TokenForm, TokenFormError},
    tokens::TokensPage,
    welcome::{WelcomeErrors, WelcomePage},
};
