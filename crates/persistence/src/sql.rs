//! Queries that Diesel's query builder cannot express: subqueries in `FROM`. Text and values are kept
//! apart; a value is always bound.

use chrono::NaiveDateTime;
use diesel::{
    Connection, QueryResult, QueryableByName, RunQueryDsl as _,
    sql_types::{BigInt, Binary, Text, Timestamp},
};

use crate::connection::session::DatabaseConnection;

type Backend = <DatabaseConnection as Connection>::Backend;

/// A query: its text, and the values of its placeholders.
#[derive(Debug, Default)]
pub(crate) struct Sql {
    text: String,
    values: Vec<Value>,
}

#[derive(Debug)]
enum Value {
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    Time(NaiveDateTime),
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl Sql {
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn append(&mut self, other: Self) -> &mut Self {
        self.values.extend(other.values);
        self.push(&other.text)
    }

    pub(crate) fn integer(&mut self, value: impl TryInto<i64>) -> &mut Self {
        self.bind(Value::Integer(value.try_into().unwrap_or(i64::MAX)))
    }

    pub(crate) fn text(&mut self, value: impl Into<String>) -> &mut Self {
        self.bind(Value::Text(value.into()))
    }

    pub(crate) fn bytes(&mut self, value: impl Into<Vec<u8>>) -> &mut Self {
        self.bind(Value::Bytes(value.into()))
    }

    pub(crate) fn time(&mut self, value: NaiveDateTime) -> &mut Self {
        self.bind(Value::Time(value))
    }

    /// Adds one of these numbers.
    pub(crate) fn one_of(&mut self, numbers: impl IntoIterator<Item = i16>) -> &mut Self {
        self.push(" IN (");
        for (index, number) in numbers.into_iter().enumerate() {
            self.push(if index == 0 { "" } else { ", " }).integer(i64::from(number));
        }
        self.push(")")
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.push("?")
    }

    /// The rows.
    pub(crate) fn load<T>(self, connection: &mut DatabaseConnection) -> QueryResult<Vec<T>>
    where
        T: QueryableByName<Backend> + 'static,
    {
        let mut query = diesel::sql_query(self.text).into_boxed::<Backend>();
        for value in self.values {
            query = match value {
                Value::Integer(value) => query.bind::<BigInt, _>(value),
                Value::Text(value) => query.bind::<Text, _>(value),
                Value::Bytes(value) => query.bind::<Binary, _>(value),
                Value::Time(value) => query.bind::<Timestamp, _>(value),
            };
        }
        query.load(connection)
    }

    /// The only row's column `number`.
    pub(crate) fn count(self, connection: &mut DatabaseConnection) -> QueryResult<usize> {
        let counts: Vec<Count> = self.load(connection)?;
        let number = counts.first().map_or(0, |count| count.number);
        Ok(usize::try_from(number).unwrap_or_default())
    }
}
