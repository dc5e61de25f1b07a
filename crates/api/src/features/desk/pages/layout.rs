//! What every page of the office shares: header, navigation, one-time message, foot.

use registration_domain::{Permission, Role, StaffMember};

use super::{banner::Banner, paths};
use crate::{
    i18n::{Language, Messages, desk::DeskMessages},
    web::{assets, locale::RequestLocale, pages::LanguageLink, paths::assets as assets_path},
};

/// The page that the navigation marks as the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Here {
    Today,
    Students,
    Review,
    Checklist,
    Imports,
    NewStudent,
    Profile,
    Tokens,
    Staff,
    /// None of them: signing in, or an error.
    Elsewhere,
}

/// A link to one of the operator's tools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToolLink {
    pub(crate) name: String,
    pub(crate) href: String,
}

/// The layout of a page.
pub(crate) struct DeskLayout {
    pub(super) locale: RequestLocale,
    pub(super) language: Language,
    pub(super) messages: &'static Messages,
    pub(super) text: &'static DeskMessages,
    pub(super) assets: String,
    pub(super) other_languages: Vec<LanguageLink>,
    /// The language that links and forms carry, where the address names it.
    pub(super) explicit_language: Option<&'static str>,
    pub(super) here: Here,
    pub(super) person: Option<SignedIn>,
    /// The text in the search box.
    pub(super) search: String,
    /// The one-time message.
    pub(super) banner: Option<Banner>,
    pub(super) tools: Vec<ToolLink>,
    /// What the forms carry that are done once, however often they are sent.
    pub(crate) key: String,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) role_name: &'static str,
}

impl DeskLayout {
    /// The layout of a page without a signed-in person. `path_and_query` is the page's address for the
    /// links to other languages, without the language.
    pub(crate) fn new(locale: RequestLocale, here: Here, path_and_query: &str) -> Self {
        let others = Language::ALL.into_iter().filter(|language| *language != locale.language);
        let link = |language: Language| LanguageLink {
            tag: language.tag(),
            name: language.name(),
            href: paths::with_query(path_and_query, |path| locale.href_in(path, language)),
        };
        let is_explicit = locale.href("/").contains("?lang=");
        Self {
            locale,
            language: locale.language,
            messages: locale.messages(),
            text: &locale.messages().desk,
            assets: locale.path(&assets_path(assets::version())),
            other_languages: others.map(link).collect(),
            explicit_language: is_explicit.then(|| locale.language.tag()),
            here,
            person: None,
            search: String::new(),
            banner: None,
            tools: Vec::new(),
            key: String::new(),
        }
    }

    /// The layout for this person.
    pub(crate) fn for_person(self, person: &StaffMember) -> Self {
        let name = person.display_name().to_owned();
        let (role, role_name) = (person.role, self.text.staff.role_name(person.role));
        Self { person: Some(SignedIn { name, role, role_name }), ..self }
    }

    /// With links to the operator's tools, which administrators see.
    pub(crate) fn with_tools(self, tools: &[ToolLink]) -> Self {
        let is_admin = self.person.as_ref().is_some_and(|person| person.role == Role::Admin);
        Self { tools: if is_admin { tools.to_vec() } else { Vec::new() }, ..self }
    }

    /// With forms that are done once: `key` differs from page to page.
    pub(crate) fn with_key(self, key: String) -> Self {
        Self { key, ..self }
    }

    /// With a one-time message.
    pub(crate) fn with_banner(self, banner: Option<Banner>) -> Self {
        Self { banner, ..self }
    }

    /// Whether this is the current page.
    pub(super) fn is_at(&self, path: &str) -> bool {
        let here = match self.here {
            Here::Today => paths::TODAY,
            Here::Students => paths::STUDENTS,
            Here::Review => paths::REVIEW,
            Here::Checklist => paths::TASKS,
            Here::Imports => paths::IMPORTS,
            Here::NewStudent => paths::NEW_STUDENT,
            Here::Profile => paths::PROFILE,
            Here::Tokens => paths::TOKENS,
            Here::Staff => paths::STAFF,
            Here::Elsewhere => return false,
        };
        here == path
    }

    /// Whether the person has this right.
    pub(super) fn may(&self, permission: Permission) -> bool {
        self.person.as_ref().is_some_and(|person| person.role.may(permission))
    }

    pub(super) fn may_decide(&self) -> bool {
        self.may(Permission::StudentsDecide)
    }

    pub(super) fn may_write(&self) -> bool {
        self.may(Permission::StudentsWrite)
    }

    pub(super) fn may_import(&self) -> bool {
        self.may(Permission::ImportsWrite)
    }

    pub(super) fn may_have_tokens(&self) -> bool {
        self.may(Permission::OwnTokens)
    }

    pub(super) fn may_manage_staff(&self) -> bool {
        self.may(Permission::StaffManage)
    }

    /// A link to a page of the office.
    pub(super) fn href(&self, path_and_query: &str) -> String {
        paths::href(self.locale, path_and_query)
    }
}
