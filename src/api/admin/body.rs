//! Bodies, read strictly: whatever restricts must be said, and what is not known is refused, for it may be meant to restrict.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::expected::expected;
use crate::api::negotiate::JSON;
use crate::api::problem::{MemberFault, Problem};
use crate::api::session;
use crate::model::Words;

/// Bytes of a body: an area of 1 MiB fits, with the rest of its profile.
const BODY_BYTES: usize = 2 << 20;

/// The members of a JSON object that was sent. A body must say that it is JSON even where it is empty: pages of other sites can make a
/// browser send anything else.
pub(in crate::api) async fn members(
    parts: &Parts,
    body: Body,
) -> Result<Map<String, Value>, Problem> {
    let media_type = parts.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let bytes = session::read(body, BODY_BYTES).await?;
    if !media_type.eq_ignore_ascii_case(JSON) {
        return Err(Problem::UnsupportedMediaType);
    }
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    object(&bytes)
}

/// The object that a text is. Of a member that stands there twice, one would be passed over: it may be the one that restricts.
pub(in crate::api) fn object(text: &[u8]) -> Result<Map<String, Value>, Problem> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let read: Result<Once, _> = serde_path_to_error::deserialize(&mut json);
    match read {
        Ok(Once(Value::Object(members))) if json.end().is_ok() => Ok(members),
        Err(error) if error.inner().to_string().starts_with(TWICE) => {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            Err(fault(&path, &error.inner().to_string()))
        }
        _ => Err(Problem::MalformedBody),
    }
}

/// How [`Once`] begins what it says of a member that stands there twice.
const TWICE: &str = "two members";

/// JSON of which no object has two members of one name.
struct Once(Value);

impl<'de> serde::Deserialize<'de> for Once {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(OnceVisitor).map(Self)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Once(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("{TWICE} `{name}`")));
            }
            let Once(value) = map.next_value()?;
            members.insert(name, value);
        }
        Ok(members.into())
    }
}

/// What an object means; the member that is at fault is named.
pub(in crate::api) fn meant<T: DeserializeOwned>(
    members: Map<String, Value>,
) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        fault(&path, &error.into_inner().to_string())
    })
}

/// serde says which member is missing or not known in the words of its message alone.
fn fault(path: &str, message: &str) -> Problem {
    let quoted = || message.split('`').nth(1).unwrap_or_default();
    let below = |name: &str| {
        let last = path.rsplit('.').next().unwrap_or_default();
        if path.is_empty() {
            name.to_owned()
        } else if last == name {
            path.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    if message.starts_with("missing field") {
        return Problem::Member(below(quoted()), MemberFault::Missing);
    }
    if message.starts_with(TWICE) {
        return Problem::Member(below(quoted()), MemberFault::Wrong(twice()));
    }
    if message.starts_with("unknown field") {
        return Problem::Member(below(quoted()), MemberFault::Unknown);
    }
    Problem::Member(path.to_owned(), MemberFault::Wrong(no_such_value()))
}

fn twice() -> Words {
    Words::new("ce membre y est deux fois", "it stands there twice")
}

/// What is said where nothing better is known: serde speaks English alone.
fn no_such_value() -> Words {
    Words::new(
        "cette valeur n’est pas de celles qu’il peut avoir",
        "this value is none that it can have",
    )
}

/// The same problem, saying what was expected, as the schema of the body has it.
pub(in crate::api) fn explained(problem: Problem, schema: Option<&Value>) -> Problem {
    match problem {
        Problem::Member(path, MemberFault::Wrong(why)) if why == no_such_value() => {
            let expected = schema.and_then(|schema| expected(schema, &path));
            Problem::Member(path, MemberFault::Wrong(expected.unwrap_or(why)))
        }
        problem => problem,
    }
}

/// An instant of RFC 3339, in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) struct Instant(pub(in crate::api) i64);

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        let instant: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(Self(instant.as_microsecond()))
    }
}

/// Refuses members that are the server's to say.
pub(super) fn refuse(members: &Map<String, Value>, names: &[&str]) -> Result<(), Problem> {
    match names.iter().find(|name| members.contains_key(**name)) {
        Some(name) => Err(Problem::Member((*name).to_owned(), MemberFault::Unknown)),
        None => Ok(()),
    }
}

/// Says what the sender may leave out because it restricts nothing.
pub(super) fn complete(members: &mut Map<String, Value>, said: &[(&str, Value)]) {
    for (name, value) in said {
        members.entry(*name).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Grant, Profile};
    use serde_json::json;

    fn refused<T: DeserializeOwned + std::fmt::Debug>(body: Value) -> (String, MemberFault) {
        let Value::Object(members) = body else {
            panic!("no object")
        };
        match meant::<T>(members) {
            Err(Problem::Member(name, fault)) => (name, fault),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_member_stands_there_twice() {
        for (text, at) in [
            (r#"{"rows":"FALSE","rows":"TRUE"}"#, "rows"),
            (r#"{"rows":"FALSE","r\u006fws":"FALSE"}"#, "rows"),
            (
                r#"{"scopes":{"max_zoom":3,"max_zoom":9}}"#,
                "scopes.max_zoom",
            ),
            (r#"{"a":[1,{"b":1,"b":1}]}"#, "a[1].b"),
        ] {
            let expected = Problem::Member(at.to_owned(), MemberFault::Wrong(twice()));
            assert_eq!(object(text.as_bytes()), Err(expected), "{text}");
        }
        let text = r#"{"a":{"b":null,"c":[true,-1,18446744073709551615,0.1]},"b":"\n"}"#;
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!(object(text.as_bytes()).map(Value::Object), Ok(expected));
        for text in ["{", "[]", "3", "{} {}", "{\"two members `a`\"}"] {
            let read = object(text.as_bytes());
            assert_eq!(read, Err(Problem::MalformedBody), "{text}");
        }
    }

    #[test]
    fn the_member_at_fault_is_named() {
        let grant = json!({
            "id": "", "subject": "public", "layers": ["a.b"], "profile": "p", "actions": ["tiles"],
            "from": null, "until": null, "terms": null,
        });
        let with = |name: &str, value: Value| {
            let mut body = grant.clone();
            body[name] = value;
            body
        };
        assert!(meant::<Grant>(grant.as_object().unwrap().clone()).is_ok());
        let mut less = grant.clone();
        less.as_object_mut().unwrap().remove("until");
        assert_eq!(
            refused::<Grant>(less),
            ("until".to_owned(), MemberFault::Missing)
        );
        let more = with("only_on_mondays", true.into());
        assert_eq!(
            refused::<Grant>(more),
            ("only_on_mondays".to_owned(), MemberFault::Unknown)
        );
        for (name, value, at) in [
            ("subject", json!("everybody"), "subject"),
            ("layers", json!(["a", 3]), "layers[1]"),
            ("actions", json!(["fly"]), "actions[0]"),
            ("until", json!("tomorrow"), "until"),
        ] {
            let (found, fault) = refused::<Grant>(with(name, value));
            assert_eq!(found, at);
            assert!(matches!(fault, MemberFault::Wrong(_)), "{fault:?}");
        }
        let profile = json!({
            "id": "p", "organisation": null, "rows": "TRUE", "attributes": [], "area": null, "derived": {}, "zooms": null,
            "precision": { "grid_m": 1000, "min_count": 3, "aggregates": {}, "noise": 1 }, "formats": null,
        });
        let (found, fault) = refused::<Profile>(profile);
        assert_eq!(
            (found.as_str(), fault),
            ("precision.noise", MemberFault::Unknown)
        );
    }
}
