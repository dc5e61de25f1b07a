//! What the address of the list says.

use registration_domain::{Sort, Source, Status};

use super::paths;

/// The parameters of the list's address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RosterParams {
    /// The search text as typed.
    pub(crate) q: String,
    pub(crate) statuses: Vec<Status>,
    pub(crate) sources: Vec<Source>,
    /// The missing item: `any` or a template's id; empty for none.
    pub(crate) task: String,
    /// A day or a time, as typed; empty for none.
    pub(crate) registered_from: String,
    pub(crate) registered_to: String,
    pub(crate) sort: Sort,
    /// Students on a page, where the address says so.
    pub(crate) limit: Option<usize>,
    /// Where the page begins; `None` for the first.
    pub(crate) cursor: Option<String>,
}

impl RosterParams {
    /// The path and query of the list, without the language.
    pub(crate) fn path_and_query(&self) -> String {
        let limit = self.limit.map(|limit| limit.to_string());
        let sort = (self.sort != Sort::default()).then_some(("sort", self.sort.as_str()));
        let limit = limit.as_ref().map(|limit| ("limit", limit.as_str()));
        let cursor = self.cursor.as_deref().map(|cursor| ("cursor", cursor));
        let filters: Vec<_> = self.filters().collect();
        let filters = filters.iter().map(|(name, value)| (*name, value.as_str()));
        let all = filters.chain(sort).chain(limit).chain(cursor);
        format!("{}{}", paths::STUDENTS, paths::query(all))
    }

    /// The parameters that filter.
    pub(super) fn filters(&self) -> impl Iterator<Item = (&'static str, String)> {
        let text = [("q", &self.q)];
        let statuses = self.statuses.iter().map(|status| ("status", status.as_str().to_owned()));
        let sources = self.sources.iter().map(|source| ("source", source.as_str().to_owned()));
        let task = [("task", &self.task)];
        let days =
            [("registered_from", &self.registered_from), ("registered_to", &self.registered_to)];
        let typed = |(name, text): (&'static str, &String)| (name, text.clone());
        let all = text.into_iter().map(typed).chain(statuses).chain(sources);
        all.chain(task.into_iter().chain(days).map(typed)).filter(|(_, value)| !value.is_empty())
    }

    /// Whether every student is listed.
    pub(super) fn is_everyone(&self) -> bool {
        let has_dates = !self.registered_from.is_empty() || !self.registered_to.is_empty();
        self.q.trim().is_empty()
            && self.statuses.is_empty()
            && self.sources.is_empty()
            && self.task.is_empty()
            && !has_dates
    }

    /// The first page of a changed list.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut params = Self { cursor: None, ..self.clone() };
        change(&mut params);
        params
    }

    /// Another page of the same list.
    pub(super) fn at(&self, cursor: String) -> Self {
        Self { cursor: Some(cursor), ..self.clone() }
    }
}

/// Adds a value, or removes it where it is there.
pub(super) fn toggle<T: PartialEq>(values: &mut Vec<T>, value: T) {
    let before = values.len();
    values.retain(|other| *other != value);
    if values.len() == before {
        values.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_listed() {
        let mut params = RosterParams::default();
        assert_eq!(params.path_and_query(), "/desk/students");
        params.q = "zoë b".to_owned();
        params.sort = Sort::Name;
        toggle(&mut params.statuses, Status::Pending);
        toggle(&mut params.statuses, Status::Enrolled);
        toggle(&mut params.statuses, Status::Pending);
        params.cursor = Some("a+b".to_owned());
        let address = "/desk/students?q=zo%C3%AB%20b&status=enrolled&sort=name&cursor=a%2Bb";
        assert_eq!(params.path_and_query(), address);
        assert_eq!(params.changed(|_| ()).cursor, None);
    }
}
