//! What registrars ask for.

use super::{
    client::{Client, encoded},
    names::Names,
};

const STUDENTS: &str = "/api/students";
/// Students on a page, and most of them.
const PAGE: u64 = 50;
const LONGEST_PAGE: u64 = 200;
/// The number of the deep page that is requested, where the list is that long.
const DEEP_PAGE: u64 = 10_000;

/// A page of the list with these parameters.
pub(crate) fn list(parameters: &'static str) -> impl Fn(&mut Client, u64) + Sync {
    move |client, _| drop(client.get(&format!("{STUDENTS}?{parameters}")))
}

/// A search for one or two beginnings of words.
pub(crate) fn search(
    names: &Names,
    words: usize,
    students: u64,
) -> impl Fn(&mut Client, u64) + Sync {
    move |client, number| {
        let search = names.search(words, number, students);
        client.get(&format!("{STUDENTS}?q={}", encoded(&search)));
    }
}

/// The page with the numbers of the last day.
pub(crate) fn today(client: &mut Client, _: u64) {
    client.get("/desk");
}

/// Confirms the student with this place among `ids`, who is as registered.
pub(crate) fn confirm(ids: &[String]) -> impl Fn(&mut Client, u64) + Sync {
    |client, number| {
        let path = format!("{STUDENTS}/{}/transitions", ids[number as usize]);
        let answer = client.post(&path, "if-match: \"1\"\r\n", r#"{"to":"confirmed"}"#);
        answer.expect_status(200);
    }
}

/// A page that is reached by cursors.
pub(crate) struct DeepPage {
    /// Its number, in pages of [`PAGE`].
    pub(crate) number: u64,
    path: String,
}

impl DeepPage {
    /// Walks in the longest pages there are, to page 10,000 or almost to the end.
    pub(crate) fn walk(client: &mut Client, sort: &str, students: u64) -> Self {
        let before = (DEEP_PAGE - 1) * PAGE;
        let steps = (before / LONGEST_PAGE).min((students - PAGE) / LONGEST_PAGE).max(1);
        let mut cursor = String::new();
        for _ in 0..steps {
            let path = format!("{STUDENTS}?sort={sort}&limit={LONGEST_PAGE}&cursor={cursor}");
            let answer = client.get(&path);
            cursor = answer.member("next").expect("no further page").to_owned();
        }
        let path = format!("{STUDENTS}?sort={sort}&cursor={cursor}");
        Self { number: steps * LONGEST_PAGE / PAGE + 1, path }
    }

    pub(crate) fn get(&self, client: &mut Client) {
        client.get(&self.path);
    }
}
