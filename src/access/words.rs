//! How the nouns of a policy are written: in the store, in JSON, on the command line, in audits. The words are those of the configuration.

use std::fmt;
use std::str::FromStr;

use super::change::Name;
use super::policy::{KeyId, KeyKind, LayerState, Role, Subject, Target, Terms};
use super::profile::{Aggregate, AreaMode, Derived};
use super::request::RequestState;
use super::surface::Action;

/// A text that names nothing of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not {expected}")]
pub struct NoSuchWord {
    /// What was given.
    pub given: String,
    /// What would have been right.
    pub expected: String,
}

fn no_such(given: &str, expected: impl Into<String>) -> NoSuchWord {
    NoSuchWord {
        given: given.chars().take(80).collect(),
        expected: expected.into(),
    }
}

/// Closed lists of words: `Display`, `FromStr` and the list itself.
macro_rules! words {
    ($($type:ty { $($word:literal => $value:ident),+ $(,)? })+) => {$(
        impl $type {
            /// Every word with what it means.
            pub const WORDS: &[(&'static str, Self)] = &[$(($word, Self::$value)),+];

            /// The word for it.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $type {
            type Err = NoSuchWord;

            fn from_str(text: &str) -> Result<Self, NoSuchWord> {
                let found = Self::WORDS.iter().find(|(word, _)| *word == text);
                let all = || Self::WORDS.iter().map(|(w, _)| *w).collect::<Vec<_>>().join(", ");
                found.map(|(_, v)| *v).ok_or_else(|| no_such(text, format!("one of {}", all())))
            }
        }

        as_text!($type);
    )+};
}

/// Texts in JSON, by `Display` and `FromStr`.
macro_rules! as_text {
    ($($type:ty),+ $(,)?) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

words! {
    Role { "reader" => Reader, "editor" => Editor, "publisher" => Publisher, "admin" => Admin }
    KeyKind { "secret" => Secret, "browser" => Browser }
    LayerState { "draft" => Draft, "published" => Published, "withdrawn" => Withdrawn }
    RequestState { "open" => Open, "approved" => Approved, "refused" => Refused, "withdrawn" => Withdrawn }
    AreaMode { "clip" => Clip, "intersects" => Intersects, "within" => Within }
    Derived { "mask" => Mask, "recompute" => Recompute }
    Aggregate { "sum" => Sum, "mean" => Mean, "min" => Min, "max" => Max }
    Action {
        "discover" => Discover, "tiles" => Tiles, "items" => Items, "export" => Export,
        "create" => Create, "replace" => Replace, "update" => Update, "delete" => Delete,
    }
}

as_text!(Subject, KeyId, Terms, Target, Name);

/// Longest id: ids are parts of URLs, of cache keys and of file names in the state folder.
const ID_CHARS_MAX: usize = 64;

/// True for `[a-z0-9][a-z0-9_-]*` of at most 64 characters: ids of organisations, members, profiles, groups, terms.
pub fn is_id(text: &str) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    let rest_ok = bytes.iter().all(|b| ok(*b) || matches!(b, b'_' | b'-'));
    bytes.first().is_some_and(|b| ok(*b)) && rest_ok && bytes.len() <= ID_CHARS_MAX
}

/// True for the id of a member, a profile or terms: an id, or that of the organisation that made it, a dot, and an id. So are those named
/// that the people of an organisation make: nobody learns from a name that is taken what others have.
pub fn is_name(text: &str) -> bool {
    is_collection(text)
}

/// True for a collection id: `layer`, or `organisation.layer`.
pub fn is_collection(text: &str) -> bool {
    match text.split_once('.') {
        Some((organisation, layer)) => is_id(organisation) && is_id(layer),
        None => is_id(text),
    }
}

impl fmt::Display for Subject {
    /// `public`, `organisation:eau-de-provence`, `key:1f2e3d4c`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public => f.write_str("public"),
            Self::Authenticated => f.write_str("authenticated"),
            Self::Organisation(id) => write!(f, "organisation:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
        }
    }
}

impl FromStr for Subject {
    type Err = NoSuchWord;

    fn from_str(text: &str) -> Result<Self, NoSuchWord> {
        let subject = match text.split_once(':') {
            None if text == "public" => Some(Self::Public),
            None if text == "authenticated" => Some(Self::Authenticated),
            Some(("organisation", id)) if is_id(id) => Some(Self::Organisation(id.to_owned())),
            Some(("group", id)) if is_id(id) => Some(Self::Group(id.to_owned())),
            Some(("key", id)) => id.parse().ok().map(Self::Key),
            _ => None,
        };
        subject.ok_or_else(|| {
            let expected =
                "\"public\", \"authenticated\", \"organisation:ID\", \"group:ID\" or \"key:ID\"";
            no_such(text, expected)
        })
    }
}

impl FromStr for KeyId {
    type Err = NoSuchWord;

    fn from_str(text: &str) -> Result<Self, NoSuchWord> {
        let plain = |b: &u8| b.is_ascii_digit() || (b'a'..=b'f').contains(b);
        let digits = (text.len() == 8 && text.as_bytes().iter().all(plain)).then_some(text);
        digits
            .and_then(|t| u32::from_str_radix(t, 16).ok())
            .map(Self)
            .ok_or_else(|| no_such(text, "the id of a key: eight digits of 0-9 and a-f"))
    }
}

impl fmt::Display for Terms {
    /// `licence-fonciere@3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.id, self.version)
    }
}

impl FromStr for Terms {
    type Err = NoSuchWord;

    fn from_str(text: &str) -> Result<Self, NoSuchWord> {
        let (id, version) = text.split_once('@').unwrap_or_default();
        // One way to write it: `+3` and `03` are numbers, too.
        let canonical = |n: &u64| *n > 0 && n.to_string() == version;
        match version.parse().ok().filter(canonical) {
            Some(version) if is_name(id) => Ok(Self {
                id: id.to_owned(),
                version,
            }),
            _ => Err(no_such(
                text,
                "an id and a version such as \"licence-fonciere@3\"",
            )),
        }
    }
}

impl fmt::Display for Target {
    /// `layer:region-sud.parcelles`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(id) => write!(f, "layer:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Member(id) => write!(f, "member:{id}"),
            Self::Organisation(id) => write!(f, "organisation:{id}"),
        }
    }
}

impl FromStr for Target {
    type Err = NoSuchWord;

    fn from_str(text: &str) -> Result<Self, NoSuchWord> {
        let target = match text.split_once(':') {
            Some(("layer", id)) if is_collection(id) => Some(Self::Layer(id.to_owned())),
            Some(("key", id)) => id.parse().ok().map(Self::Key),
            Some(("member", id)) if is_name(id) => Some(Self::Member(id.to_owned())),
            Some(("organisation", id)) if is_id(id) => Some(Self::Organisation(id.to_owned())),
            _ => None,
        };
        target.ok_or_else(|| {
            let expected = "\"layer:ID\", \"key:ID\", \"member:ID\" or \"organisation:ID\"";
            no_such(text, expected)
        })
    }
}

impl FromStr for Name {
    type Err = NoSuchWord;

    fn from_str(text: &str) -> Result<Self, NoSuchWord> {
        let (kind, id) = text.split_once(':').unwrap_or_default();
        let named = || is_id(id).then(|| id.to_owned());
        let dotted = || is_name(id).then(|| id.to_owned());
        let name = match kind {
            "organisation" => named().map(Self::Organisation),
            "member" => dotted().map(Self::Member),
            "profile" => dotted().map(Self::Profile),
            "grant" => named().map(Self::Grant),
            "request" => named().map(Self::Request),
            "key" => id.parse().ok().map(Self::Key),
            "terms" => id.parse().ok().map(Self::Terms),
            "layer" => is_collection(id).then(|| Self::Layer(id.to_owned())),
            "suspension" => id.parse().ok().map(Self::Suspension),
            "acceptance" => id.split_once(':').and_then(|(organisation, terms)| {
                let terms = terms.parse().ok()?;
                is_id(organisation).then(|| Self::Acceptance(organisation.to_owned(), terms))
            }),
            _ => None,
        };
        name.ok_or_else(|| no_such(text, "a kind and an id such as \"grant:g-1f2e3d4c5b\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: FromStr + fmt::Display>(text: &str) {
        let Ok(value) = text.parse::<T>() else {
            panic!("{text} is not read")
        };
        assert_eq!(value.to_string(), text);
    }

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "public",
            "authenticated",
            "organisation:a",
            "group:b-c",
            "key:0a1b2c3d",
        ] {
            back::<Subject>(text);
        }
        for text in [
            "layer:a.b",
            "layer:a",
            "key:0a1b2c3d",
            "member:m",
            "organisation:o",
        ] {
            back::<Target>(text);
        }
        for text in [
            "organisation:a",
            "member:m",
            "profile:p",
            "grant:g-1",
            "request:r-1",
            "key:ffffffff",
            "terms:t@3",
            "layer:a.b",
            "suspension:layer:a.b",
            "suspension:key:00000000",
            "acceptance:o:t@1",
        ] {
            back::<Name>(text);
        }
        back::<Action>("discover");
        back::<Role>("publisher");
    }

    #[test]
    fn what_is_almost_right_is_refused() {
        for text in [
            "",
            "Public",
            "public:",
            "organisation:",
            "organisation:A",
            "key:1",
            "key:0A1B2C3D",
            "user:a",
        ] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
        for text in ["a", "a@", "a@0", "a@03", "a@+3", "A@1", "@1", "a@1@2"] {
            assert!(text.parse::<Terms>().is_err(), "{text}");
        }
        assert!(
            "a.b.c".parse::<Name>().is_err() && !is_collection("a.b.c") && !is_collection("a.")
        );
        assert!("+1f2e3d4".parse::<KeyId>().is_err());
    }
}
