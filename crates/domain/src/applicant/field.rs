//! The list of fields, written once: everything else iterates over it or is named by the compiler.

use std::{fmt, str::FromStr};

use crate::ErrorCode;

/// A field of the registration form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The e-mail address.
    Email,
}

impl Field {
    /// Every field, in the order in which the form shows them and errors are reported.
    pub const ALL: [Self; 3] = {
        // Destructured, so that the compiler finds a field that is left out.
        let PerField { first_name, last_name, email } =
            PerField { first_name: Self::FirstName, last_name: Self::LastName, email: Self::Email };
        [first_name, last_name, email]
    };

    /// The name used in JSON, in forms, in metrics and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
        }
    }

    /// The codes with which the field can be invalid.
    #[must_use]
    pub const fn codes(self) -> &'static [ErrorCode] {
        use ErrorCode::{
            AlreadyRegistered, InvalidCharacters, InvalidEmail, Required, TooLong, Type,
        };
        match self {
            Self::FirstName | Self::LastName => &[Type, Required, TooLong, InvalidCharacters],
            Self::Email => &[Type, Required, TooLong, InvalidEmail, AlreadyRegistered],
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Field {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.as_str() == name).ok_or(())
    }
}

/// One value for each field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerField<T> {
    /// Of the first name.
    pub first_name: T,
    /// Of the last name.
    pub last_name: T,
    /// Of the e-mail address.
    pub email: T,
}

impl<T> PerField<T> {
    /// Makes one value for each field.
    pub fn from_fn(mut value: impl FnMut(Field) -> T) -> Self {
        Self {
            first_name: value(Field::FirstName),
            last_name: value(Field::LastName),
            email: value(Field::Email),
        }
    }

    /// Converts each value.
    pub fn map<U>(self, mut convert: impl FnMut(T) -> U) -> PerField<U> {
        let Self { first_name, last_name, email } = self;
        PerField {
            first_name: convert(first_name),
            last_name: convert(last_name),
            email: convert(email),
        }
    }

    /// The value of a field.
    pub const fn get(&self, field: Field) -> &T {
        match field {
            Field::FirstName => &self.first_name,
            Field::LastName => &self.last_name,
            Field::Email => &self.email,
        }
    }

    /// The value of a field, to be changed.
    pub const fn get_mut(&mut self, field: Field) -> &mut T {
        match field {
            Field::FirstName => &mut self.first_name,
            Field::LastName => &mut self.last_name,
            Field::Email => &mut self.email,
        }
    }

    /// Every field with its value, in the order of [`Field::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Field, &T)> {
        Field::ALL.into_iter().map(|field| (field, self.get(field)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_listed_once_and_has_its_own_value() {
        let mut count = 0;
        let names = PerField::from_fn(|field| {
            count += 1;
            field.as_str()
        });
        assert_eq!(count, Field::ALL.len());
        for (field, name) in names.iter() {
            assert_eq!((field.as_str(), name.parse()), (*name, Ok(field)));
        }
        assert_eq!("phone".parse::<Field>(), Err(()));
    }
}
