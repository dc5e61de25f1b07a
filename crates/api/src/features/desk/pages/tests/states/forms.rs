//! The forms about a student.

use registration_domain::{
    ApplicantForm, ErrorCode, Field, FieldError, FieldErrors, PerField, RawField, StudentRecord,
    Version,
};

use super::{
    super::{
        super::{Change, EditPage, ErasePage, Here, NewStudentPage, StalePage},
        samples::{minutes_ago, zoe},
    },
    Pages,
};

pub(super) fn add(pages: &mut Pages) {
    let messages = pages.locale.messages();
    let text = &messages.desk;
    let zoe = zoe();
    let page = EditPage::new(pages.admin(Here::Students), &zoe);
    pages.add("edit", &page, &["name=\"base_email\"", "Brontë"]);
    let typed = ApplicantForm {
        first_name: RawField::from(""),
        last_name: RawField::from("123"),
        email: RawField::from("taken@example.org"),
    };
    let error = |field, code| FieldError { field, code };
    let errors: FieldErrors = [
        error(Field::FirstName, ErrorCode::Required),
        error(Field::LastName, ErrorCode::InvalidCharacters),
        error(Field::Email, ErrorCode::AlreadyRegistered),
    ]
    .into_iter()
    .collect();
    let layout = pages.admin(Here::Students);
    let version = Version::new(3).unwrap();
    let page = EditPage::again(layout, zoe.id, version, &zoe.texts, &typed, &errors, Some(zoe.id));
    pages.add(
        "edit-errors",
        &page,
        &[messages.fields.first_name.required, text.edit.taken, text.edit.open_taken],
    );
    pages.add(
        "new",
        &NewStudentPage::new(pages.admin(Here::NewStudent)),
        &[text.edit.new_introduction],
    );
    let page = NewStudentPage::again(
        pages.admin(Here::NewStudent),
        &typed,
        "by telephone",
        Some(&errors),
        true,
        None,
    );
    pages.add("new-errors", &page, &["by telephone", text.decide.note_too_long]);
    let base = PerField {
        first_name: "Zoe".into(),
        last_name: "Bronte".into(),
        email: "zo@example.org".into(),
    };
    let typed = PerField {
        first_name: "Zoé".into(),
        last_name: "Bronte".into(),
        email: "zoe@example.org".into(),
    };
    let stored = PerField {
        first_name: "Zoë".into(),
        last_name: "Brontë".into(),
        email: "zo@example.org".into(),
    };
    let stored = StudentRecord { texts: stored, ..zoe.clone() };
    let change = Change {
        who: "Rosa Bianchi".into(),
        at: minutes_ago(2),
        fields: vec![Field::FirstName, Field::LastName],
        status: false,
    };
    let page = StalePage::new(pages.admin(Here::Students), &stored, &base, &typed, &change);
    pages.add(
        "stale",
        &page,
        &[
            "Rosa Bianchi",
            text.stale.both,
            "value=\"Zoë\" checked",
            "value=\"zoe@example.org\" checked",
        ],
    );
    pages.add(
        "erase",
        &ErasePage::new(pages.admin(Here::Students), &zoe, None),
        &[text.erase.what],
    );
    let page = ErasePage::new(pages.admin(Here::Students), &zoe, Some("Zoe"));
    pages.add("erase-differs", &page, &[text.erase.differs]);
    assert!(ErasePage::is_name(&zoe, " Zoë  Brontë ") && !ErasePage::is_name(&zoe, "Zoe Bronte"));
}
