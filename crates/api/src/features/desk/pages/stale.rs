//! An edit conflict: a colleague changed the student after the form was opened.

use askama::Template;
use registration_domain::{Field, PerField, StudentRecord};

use super::{
    banner::Change,
    edit::base_values,
    layout::DeskLayout,
    moment::{Moment, Sentence},
    paths,
};

/// The page: a choice for each field that differs. It posts to the form to edit, with the version that
/// is stored now; the radio buttons carry the values.
#[derive(Template)]
#[template(path = "desk/stale.html")]
pub(crate) struct StalePage {
    layout: DeskLayout,
    sentence: Sentence,
    action: String,
    back: String,
    version: u32,
    base: Vec<(String, String)>,
    /// Fields with one value.
    same: Vec<(&'static str, String)>,
    choices: Vec<Choice>,
}

struct Choice {
    name: &'static str,
    label: &'static str,
    yours: String,
    theirs: String,
    /// Both changed it: the stored value is preset, so that none is overwritten unseen.
    is_conflict: bool,
    is_yours_preset: bool,
}

impl StalePage {
    /// `stored` is the student now, `base` what the form began with, `typed` what was typed.
    pub(crate) fn new(
        layout: DeskLayout,
        stored: &StudentRecord,
        base: &PerField<String>,
        typed: &PerField<String>,
        change: &Change,
    ) -> Self {
        let sentence = layout.text.stale.changed.replace("{who}", &change.who);
        let sentence = sentence.replace("{what}", &change.what(layout.text));
        let (mut same, mut choices) = (Vec::new(), Vec::new());
        for field in Field::ALL {
            let (yours, theirs, base) =
                (typed.get(field), stored.texts.get(field), base.get(field));
            if yours == theirs {
                same.push((field.as_str(), yours.clone()));
                continue;
            }
            choices.push(Choice {
                name: field.as_str(),
                label: layout.messages.fields.get(field).label,
                is_conflict: base != theirs && base != yours,
                is_yours_preset: base == theirs,
                yours: yours.clone(),
                theirs: theirs.clone(),
            });
        }
        Self {
            sentence: Sentence::with_time(&sentence, Moment::new(change.at, layout.messages)),
            action: layout.href(&paths::of_student(stored.id, "edit")),
            back: layout.href(&paths::student(stored.id)),
            version: stored.version.get(),
            base: base_values(&stored.texts),
            same,
            choices,
            layout,
        }
    }
}
