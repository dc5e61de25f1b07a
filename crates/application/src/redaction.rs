//! What traces, logs and metrics may show of a request: shapes, never values.

use registration_domain::{ApplicantForm, Field, FieldError, FieldErrors, RawField};

/// The length of a text: `[4 chars]`.
#[must_use]
pub fn redacted(text: &str) -> String {
    format!("[{} chars]", text.chars().count())
}

/// The fields of a form and their lengths, as JSON: `{"first_name":"[4 chars]",…}`.
#[must_use]
pub fn redacted_shape(form: &ApplicantForm) -> String {
    let mut shape = String::with_capacity(96);
    for (field, raw) in form.iter() {
        shape.push_str(if shape.is_empty() { "{\"" } else { ",\"" });
        shape.push_str(field.as_str());
        match raw {
            RawField::Missing => shape.push_str("\":null"),
            RawField::NotText => shape.push_str("\":\"[not text]\""),
            RawField::Text(text) => {
                shape.push_str("\":\"");
                shape.push_str(&redacted(text));
                shape.push('"');
            }
        }
    }
    shape.push('}');
    shape
}

/// The invalid fields and the reasons: `first_name:required,email:invalid_email`.
#[must_use]
pub fn error_fields(errors: &FieldErrors) -> String {
    let pairs: Vec<_> =
        errors.iter().map(|error| format!("{}:{}", error.field, error.code)).collect();
    pairs.join(",")
}

/// Reads what [`error_fields`] writes; `None` for any other text, or where a field is listed twice.
#[must_use]
pub fn parse_error_fields(text: &str) -> Option<Vec<FieldError>> {
    let pairs = text.split(',').map(|pair| {
        let (field, code) = pair.split_once(':')?;
        let field: Field = field.parse().ok()?;
        let code = field.codes().iter().find(|known| known.as_str() == code)?;
        Some(FieldError { field, code: *code })
    });
    let errors = pairs.collect::<Option<Vec<_>>>()?;
    let once = |error: &FieldError| errors.iter().filter(|e| e.field == error.field).count() == 1;
    errors.iter().all(once).then_some(errors)
}

#[cfg(test)]
mod tests {
    use registration_domain::ErrorCode;

    use super::*;

    #[test]
    fn a_shape_names_every_field_and_no_value() {
        for field in Field::ALL {
            let mut form = ApplicantForm::default();
            *form.get_mut(field) = RawField::from("Zoë \"x\"");
            let shape = redacted_shape(&form);
            assert!(shape.contains(&format!("\"{field}\":\"[7 chars]\"")), "{shape}");
            assert_eq!(shape.matches(":null").count(), Field::ALL.len() - 1, "{shape}");
            *form.get_mut(field) = RawField::NotText;
            assert!(redacted_shape(&form).contains(&format!("\"{field}\":\"[not text]\"")));
        }
        let form = ApplicantForm::from_fn(|_| RawField::from("ab"));
        let shape = Field::ALL.map(|field| format!("\"{field}\":\"[2 chars]\"")).join(",");
        assert_eq!(redacted_shape(&form), format!("{{{shape}}}"));
    }

    #[test]
    fn error_fields_are_read_as_they_are_written() {
        let errors = Field::ALL.map(|field| FieldError { field, code: ErrorCode::Required });
        let text = error_fields(&errors.into_iter().collect());
        assert_eq!(parse_error_fields(&text), Some(errors.to_vec()));
        for other in [
            "",
            "email",
            "email:unknown",
            "first_name:invalid_email",
            "phone:required",
            "email:type,email:required",
        ] {
            assert_eq!(parse_error_fields(other), None, "{other}");
        }
    }
}
