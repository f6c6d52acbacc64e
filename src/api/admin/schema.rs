//! The operations as the API definition describes them, to those who may try them.

use serde_json::{Value, json};

use super::read::{has_layer, has_organisation};
use super::table::{Act, Kind, OPERATIONS, Operation};
use crate::access::Standing;
use crate::api::routes::pattern;
use crate::api::texts::pick;
use crate::catalog::Language;

/// An operation, for the definition.
pub(in crate::api) struct Described {
    pub(in crate::api) method: &'static str,
    pub(in crate::api) path: String,
    pub(in crate::api) id: String,
    pub(in crate::api) summary: String,
    /// The name of the id in the path.
    pub(in crate::api) variable: Option<&'static str>,
    /// Names of parameters.
    pub(in crate::api) parameters: Vec<&'static str>,
    pub(in crate::api) body: Option<Value>,
    pub(in crate::api) status: u16,
}

/// Those that a caller may try.
pub(in crate::api) fn described(standing: Option<&Standing>, l: Language) -> Vec<Described> {
    let open = |o: &&Operation| {
        standing.is_some_and(|s| o.least.is_met(s)) || crate::leak!("definition-for-all-roles")
    };
    OPERATIONS.iter().filter(open).map(|o| of(o, l)).collect()
}

fn of(operation: &Operation, l: Language) -> Described {
    let Operation {
        method, act, kind, ..
    } = *operation;
    let path = format!("{}{}", pattern::ADMIN, operation.path());
    let (verb, (fr, en)) = match act {
        Act::Overview => (
            "overview",
            ("Ce qui s’administre", "What can be administrated"),
        ),
        Act::List => ("list", ("Liste", "List")),
        Act::Show => ("show", ("Une entrée", "One entry")),
        Act::Create => ("create", ("Création", "Creation")),
        Act::Change => ("change", ("Modification de membres", "Change of members")),
        Act::Revoke => ("revoke", ("Retrait", "Withdrawal")),
        Act::Rotate => ("rotate", ("Remplacement", "Replacement")),
        Act::Approve => ("approve", ("Accord", "Approval")),
        Act::Refuse => ("refuse", ("Refus", "Refusal")),
    };
    let summary = match kind {
        None => pick(l, fr, en).to_owned(),
        Some(kind) => {
            let (des, of) = kind.named();
            pick(l, format!("{fr} ({des})"), format!("{en} ({of})"))
        }
    };
    let word = kind.map_or("", Kind::word);
    let mut parameters = Vec::new();
    if let (Act::List, Some(kind)) = (act, kind) {
        parameters.extend(has_organisation(kind).then_some("organisation"));
        parameters.extend(has_layer(kind).then_some("layer"));
        parameters.extend(["after", "limit"]);
    }
    Described {
        method,
        id: format!("admin.{verb}.{word}")
            .trim_end_matches('.')
            .to_owned(),
        summary,
        variable: kind.map(Kind::variable).filter(|_| path.contains('{')),
        path,
        parameters,
        body: kind.and_then(|kind| body(act, kind)),
        status: match act {
            Act::Create | Act::Rotate => 201,
            _ => 200,
        },
    }
}

/// What is sent.
fn body(act: Act, kind: Kind) -> Option<Value> {
    match act {
        Act::Create => Some(object(&entry(kind), true)),
        Act::Change => Some(object(&entry(kind), false)),
        Act::Rotate => Some(object(&[("overlapDays", "integer", false)], true)),
        Act::Refuse => Some(object(&[("reason", "string", true)], true)),
        Act::Approve => Some(object(
            &[
                ("profile", "string", true),
                ("actions", "array", true),
                ("until", "instant", false),
                ("terms", "string", false),
            ],
            true,
        )),
        Act::Overview | Act::List | Act::Show | Act::Revoke => None,
    }
}

/// Name, type, and whether it must be said where an entry is made. What restricts must be, if only as `null`.
type Member = (&'static str, &'static str, bool);

fn entry(kind: Kind) -> Vec<Member> {
    match kind {
        Kind::Organisations => vec![
            ("id", "string", true),
            ("title", "string", true),
            ("parent", "string?", false),
            ("jurisdiction", "object?", false),
            ("siret", "string?", false),
        ],
        Kind::Members => vec![
            ("id", "string", true),
            ("organisation", "string", true),
            ("role", "role", true),
            ("groups", "array", false),
            ("identity", "array?", false),
            ("until", "instant?", true),
        ],
        Kind::Profiles => vec![
            ("id", "string", true),
            ("organisation", "string?", true),
            ("rows", "string", true),
            ("attributes", "any", true),
            ("area", "object?", true),
            ("derived", "object", true),
            ("zooms", "object?", true),
            ("precision", "object?", true),
            ("formats", "array?", true),
        ],
        Kind::Grants => vec![
            ("subject", "string", true),
            ("layers", "array", true),
            ("profile", "string", true),
            ("actions", "array", true),
            ("from", "instant?", true),
            ("until", "instant?", true),
            ("terms", "string?", true),
        ],
        Kind::Keys => vec![
            ("organisation", "string", true),
            ("member", "string?", false),
            ("label", "string", true),
            ("kind", "kind", true),
            ("scopes", "object", true),
            ("origins", "array", false),
            ("networks", "array", false),
            ("from", "instant?", false),
            ("until", "instant?", true),
        ],
        Kind::Terms => vec![
            ("terms", "string", true),
            ("organisation", "string?", true),
            ("title", "string", true),
            ("url", "string?", false),
            ("sha256", "string?", false),
        ],
        Kind::Suspensions => vec![("target", "string", true), ("reason", "string", true)],
        Kind::Layers => vec![
            ("state", "state", false),
            ("embargo_until", "instant?", false),
        ],
        Kind::Requests => Vec::new(),
    }
}

fn object(members: &[Member], whole: bool) -> Value {
    let required: Vec<&str> = members
        .iter()
        .filter(|(_, _, required)| whole && *required)
        .map(|(name, ..)| *name)
        .collect();
    let properties: serde_json::Map<String, Value> = members
        .iter()
        .map(|(name, kind, _)| ((*name).to_owned(), schema(kind)))
        .collect();
    let mut object = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}

/// The OpenAPI 3.0 schema of a type; those with a question mark may be `null`.
fn schema(kind: &str) -> Value {
    let (name, nullable) = match kind.strip_suffix('?') {
        Some(name) => (name, true),
        None => (kind, false),
    };
    let mut schema = match name {
        "any" => json!({}),
        "instant" => json!({ "type": "string", "format": "date-time" }),
        "array" => json!({ "type": "array", "items": { "type": "string" } }),
        "role" => json!({ "type": "string", "enum": ["reader", "editor", "publisher", "admin"] }),
        "kind" => json!({ "type": "string", "enum": ["secret", "browser"] }),
        "state" => json!({ "type": "string", "enum": ["draft", "published", "withdrawn"] }),
        name => json!({ "type": name }),
    };
    if nullable {
        schema["nullable"] = true.into();
    }
    schema
}
