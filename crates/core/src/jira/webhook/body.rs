//! The few fields that are read of an event's body. Bodies are long and come by the hundred in a second: what is not asked for is
//! passed over where it stands, and never held in memory. A field of another type than expected counts as left out.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body {
    pub(super) webhook_event: Scalar,
    pub(super) event_type: Scalar,
    pub(super) atlassian_id: Scalar,
    pub(super) self_generated: Scalar,
    pub(super) issue: Part<Issue>,
    pub(super) user: Part<User>,
    pub(super) changelog: Part<Changelog>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Issue {
    pub(super) id: Scalar,
    pub(super) key: Scalar,
    pub(super) fields: Part<Fields>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    pub(super) project: Part<Project>,
    pub(super) issuetype: Part<IssueType>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Project {
    pub(super) key: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct IssueType {
    pub(super) name: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    pub(super) account_id: Scalar,
    pub(super) display_name: Scalar,
    pub(super) account_type: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Changelog {
    pub(super) id: Scalar,
    pub(super) items: Changes,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Change {
    field_id: Scalar,
    field: Scalar,
}

/// A text, a number without sign and fraction, or yes or no; anything else is nothing.
#[derive(Default)]
pub(super) enum Scalar {
    #[default]
    Nothing,
    Text(String),
    Number(u64),
    Bool(bool),
}

/// An object; empty when something else stands there.
#[derive(Default)]
pub(super) struct Part<T>(pub(super) T);

/// A list of changed fields: whether summary or description are among them.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) story: bool,
}

impl Scalar {
    /// A text that is not empty.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Jira's ids are numbers written as text; some senders write them as numbers.
    pub(super) fn digits(self) -> Option<String> {
        match self {
            Self::Number(number) => Some(number.to_string()),
            other => other.text().filter(|id| id.bytes().all(|byte| byte.is_ascii_digit())),
        }
    }

    pub(super) fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    fn is_story(&self) -> bool {
        matches!(self, Self::Text(name) if name == "summary" || name == "description")
    }
}

/// What to do with a JSON value of each type: each gives `Out`'s default unless it is overwritten.
trait Taker: Sized {
    type Out: Default;
    fn text(_: &str) -> Self::Out {
        Self::Out::default()
    }
    fn number(_: u64) -> Self::Out {
        Self::Out::default()
    }
    fn bool(_: bool) -> Self::Out {
        Self::Out::default()
    }
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self::Out, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }
    fn object<'de, A: MapAccess<'de>>(mut object: A) -> Result<Self::Out, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Taker> Visitor<'de> for Any<T> {
    type Value = T::Out;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_str<E>(self, text: &str) -> Result<T::Out, E> {
        Ok(T::text(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T::Out, E> {
        Ok(T::number(number))
    }
    fn visit_i64<E>(self, _: i64) -> Result<T::Out, E> {
        Ok(T::Out::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<T::Out, E> {
        Ok(T::Out::default())
    }
    fn visit_bool<E>(self, yes: bool) -> Result<T::Out, E> {
        Ok(T::bool(yes))
    }
    fn visit_unit<E>(self) -> Result<T::Out, E> {
        Ok(T::Out::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T::Out, A::Error> {
        T::list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T::Out, A::Error> {
        T::object(object)
    }
}

impl Taker for Scalar {
    type Out = Self;
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
    fn number(number: u64) -> Self {
        Self::Number(number)
    }
    fn bool(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl<T: Default + for<'a> Deserialize<'a>> Taker for Part<T> {
    type Out = Self;
    fn object<'de, A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Self)
    }
}

impl Taker for Changes {
    type Out = Self;
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut story = false;
        while let Some(Part(change)) = list.next_element::<Part<Change>>()? {
            story |= change.field_id.is_story() || change.field.is_story();
        }
        Ok(Self { story })
    }
}

macro_rules! taken {
    ($($kind:ty $(, $generic:ident)?);+) => {$(
        impl<'de $(, $generic: Default + for<'a> Deserialize<'a>)?> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Any::<Self>(PhantomData))
            }
        }
    )+};
}
taken!(Scalar; Changes; Part<T>, T);
