//! Renders every page in every state and language. With `DESK_PAGES` the pages are written to that
//! folder, for a browser.

mod samples;
mod states;

use std::{collections::BTreeSet, fs, path::PathBuf};

use self::states::states;
use crate::i18n::Language;

/// Elements without an end tag.
const VOID: [&str; 6] = ["!doctype", "meta", "link", "input", "img", "br"];

#[test]
fn every_page_is_whole_and_says_what_it_must() {
    #[expect(clippy::disallowed_methods, reason = "a folder for a test's output")]
    let folder = std::env::var_os("DESK_PAGES").map(PathBuf::from);
    let mut names = BTreeSet::new();
    for language in Language::ALL {
        for state in states(language) {
            let name = format!("{}.{}.html", state.name, language.tag());
            let page = &state.page;
            assert_eq!(open_elements(page), [""; 0], "{name}");
            for text in &state.texts {
                assert!(page.contains(text), "{name} lacks {text:?}");
            }
            assert_eq!(page.matches("<h1").count(), 1, "{name}");
            assert_eq!(page.matches("<main").count(), 1, "{name}");
            // Of a placeholder, braces are left; the script of the list puts the name in.
            let page = &page.replace("{name}", "");
            for forbidden in ["style=\"", "onclick", "<script>", "{", "&#60;div", "&#60;p"] {
                assert!(!page.contains(forbidden), "{name} holds {forbidden}");
            }
            let title = page.split("<title>").nth(1).unwrap().split('<').next().unwrap();
            assert!(!title.contains("Brontë") && !title.trim().is_empty(), "{name}: {title}");
            assert_distinct_ids(page, &name);
            if let Some(folder) = &folder {
                fs::create_dir_all(folder).unwrap();
                fs::write(folder.join(&name), page).unwrap();
            }
            assert!(names.insert(name));
        }
    }
    assert!(names.len() > 60, "{}", names.len());
}

fn assert_distinct_ids(page: &str, name: &str) {
    let ids = page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = BTreeSet::new();
    for id in ids {
        assert!(seen.insert(id), "{name}: the id {id} is twice");
    }
}

/// The elements that are not closed, or closed in another order.
fn open_elements(page: &str) -> Vec<&str> {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '>').next().unwrap();
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                open.push(name);
                return open;
            }
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    open
}
