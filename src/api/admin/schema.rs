//! The operations as the API definition describes them, to those who may try them.

use serde_json::Value;

use super::dry_run::DRY_RUN;
use super::read::{has_layer, has_organisation};
use super::shapes::body;
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
        standing.is_some_and(|s| o.least.is_met(s) || crate::leak!("definition-for-all-roles"))
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
    } else if method != "GET" {
        parameters.push(DRY_RUN);
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
        body: kind.and_then(|kind| body(act, kind, l)),
        status: match act {
            Act::Create | Act::Rotate => 201,
            _ => 200,
        },
    }
}
