//! Rows out of the database, and values into it: enums as their snake_case words, the rest as numbers, text or JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;
use sqlx::{Any, Decode, Row, Type};

use super::StoreError;

/// A row with the name of its table, for telling what cannot be read (never what it holds).
pub(super) struct Fields<'a> {
    table: &'static str,
    row: &'a AnyRow,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'static str, row: &'a AnyRow) -> Self {
        Self { table, row }
    }

    pub(super) fn corrupt(&self, column: &'static str) -> StoreError {
        let id = self.row.try_get("id").unwrap_or_default();
        StoreError::Corrupt { table: self.table, id, column }
    }

    pub(super) fn get<T: Decode<'a, Any> + Type<Any>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|_| self.corrupt(column))
    }

    pub(super) fn id<T: From<String>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.get::<String>(column).map(T::from)
    }

    pub(super) fn optional_id<T: From<String>>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        Ok(self.get::<Option<String>>(column)?.map(T::from))
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        T::try_from(self.get::<i64>(column)?).map_err(|_| self.corrupt(column))
    }

    pub(super) fn word<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        let text = self.get::<String>(column)?;
        serde_json::from_value(serde_json::Value::String(text)).map_err(|_| self.corrupt(column))
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        serde_json::from_str(&self.get::<String>(column)?).map_err(|_| self.corrupt(column))
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&self, column: &'static str) -> Result<Option<T>, StoreError> {
        self.get::<Option<String>>(column)?
            .map(|text| serde_json::from_str(&text).map_err(|_| self.corrupt(column)))
            .transpose()
    }
}

/// The word of a unit variant; other values become their JSON.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A value as JSON text. Our own types have text keys and cannot fail; a null would be refused when read.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Words of others, without the one character that Postgres takes in no text. (In JSON it is escaped.)
pub(super) fn told(text: &str) -> String {
    text.replace('\0', "")
}
