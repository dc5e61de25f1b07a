//! The forms to edit a student and to enter one.

use askama::Template;
use registration_domain::{
    ApplicantForm, ErrorCode, Field, FieldErrors, PerField, StudentId, StudentRecord, Version,
};

use super::{errors::FormErrors, layout::DeskLayout, paths, text_field::TextField};

/// The form to edit a student.
#[derive(Template)]
#[template(path = "desk/edit.html")]
pub(crate) struct EditPage {
    layout: DeskLayout,
    errors: FormErrors,
    taken_by: Option<String>,
    action: String,
    back: String,
    number: String,
    version: Version,
    base: Vec<(String, String)>,
    fields: Vec<TextField>,
}

impl EditPage {
    /// The form with the stored values.
    pub(crate) fn new(layout: DeskLayout, record: &StudentRecord) -> Self {
        Self::with(layout, record.id, record.version, &record.texts, &record.texts, None, None)
    }

    /// The form again, with what was typed. `version` and `base` are those of the form as it was
    /// sent: what the person saw when beginning.
    pub(crate) fn again(
        layout: DeskLayout,
        id: StudentId,
        version: Version,
        base: &PerField<String>,
        typed: &ApplicantForm,
        errors: &FieldErrors,
        taken_by: Option<StudentId>,
    ) -> Self {
        let values = texts(typed);
        Self::with(layout, id, version, base, &values, Some(errors), taken_by)
    }

    fn with(
        layout: DeskLayout,
        id: StudentId,
        version: Version,
        base: &PerField<String>,
        values: &PerField<String>,
        errors: Option<&FieldErrors>,
        taken_by: Option<StudentId>,
    ) -> Self {
        let errors = field_errors(&layout, errors);
        Self {
            taken_by: taken_by.map(|id| layout.href(&paths::student(id))),
            action: layout.href(&paths::of_student(id, "edit")),
            back: layout.href(&paths::student(id)),
            number: id.registration_number(),
            version,
            base: base_values(base),
            fields: fields(&layout, values, &errors),
            errors,
            layout,
        }
    }
}

/// The form to enter a student.
#[derive(Template)]
#[template(path = "desk/new.html")]
pub(crate) struct NewStudentPage {
    layout: DeskLayout,
    errors: FormErrors,
    taken_by: Option<String>,
    action: String,
    fields: Vec<TextField>,
    note: String,
}

impl NewStudentPage {
    /// The empty form.
    pub(crate) fn new(layout: DeskLayout) -> Self {
        Self::again(layout, &ApplicantForm::default(), "", None, false, None)
    }

    /// The form again, with what was typed.
    pub(crate) fn again(
        layout: DeskLayout,
        typed: &ApplicantForm,
        note: &str,
        errors: Option<&FieldErrors>,
        note_too_long: bool,
        taken_by: Option<StudentId>,
    ) -> Self {
        let mut errors = field_errors(&layout, errors);
        errors.add("note", note_too_long.then_some(layout.text.decide.note_too_long));
        Self {
            taken_by: taken_by.map(|id| layout.href(&paths::student(id))),
            action: layout.href(paths::NEW_STUDENT),
            fields: fields(&layout, &texts(typed), &errors),
            note: note.to_owned(),
            errors,
            layout,
        }
    }
}

fn texts(typed: &ApplicantForm) -> PerField<String> {
    PerField::from_fn(|field| typed.get(field).text().unwrap_or_default().to_owned())
}

/// The hidden values `base_…`: what the person saw when beginning.
pub(super) fn base_values(base: &PerField<String>) -> Vec<(String, String)> {
    base.iter().map(|(field, value)| (format!("base_{field}"), value.clone())).collect()
}

/// As on the public form, but a taken address is said of the other student.
fn field_errors(layout: &DeskLayout, found: Option<&FieldErrors>) -> FormErrors {
    let mut errors = FormErrors::default();
    for error in found.into_iter().flat_map(FieldErrors::iter) {
        let text = match error.code {
            ErrorCode::AlreadyRegistered => layout.text.edit.taken,
            code => layout.messages.message(error.field, code),
        };
        errors.add(error.field.as_str(), Some(text));
    }
    errors
}

fn fields(layout: &DeskLayout, values: &PerField<String>, errors: &FormErrors) -> Vec<TextField> {
    let field = |field: Field| {
        let messages = layout.messages.fields.get(field);
        let input = TextField::of_student(field.as_str(), messages, errors);
        let kind = if field == Field::Email { "email" } else { "text" };
        input.value(values.get(field)).input(kind, "off")
    };
    Field::ALL.into_iter().map(field).collect()
}
