//! The operations of administration: what can be asked for at which path, with what, and by whom. The router, `Allow` and the API
//! definition are read from this one table.

use crate::access::{Role, Standing};

/// Kinds of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Kind {
    Organisations,
    Members,
    Profiles,
    Grants,
    Keys,
    Terms,
    Suspensions,
    Requests,
    Layers,
}

use Kind::{Grants, Keys, Layers, Members, Organisations, Profiles, Requests, Suspensions, Terms};

impl Kind {
    /// Its part of paths.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Organisations => "organisations",
            Members => "members",
            Profiles => "profiles",
            Grants => "grants",
            Keys => "keys",
            Terms => "terms",
            Suspensions => "suspensions",
            Requests => "requests",
            Layers => "layers",
        }
    }

    /// The variable for its ids in templates of paths.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Organisations => "organisation",
            Members => "member",
            Profiles => "profile",
            Grants => "grant",
            Keys => "key",
            Terms => "terms",
            Suspensions => "suspension",
            Requests => "request",
            Layers => "layer",
        }
    }

    /// In French and English, as the object of a sentence.
    pub(crate) fn named(self) -> (&'static str, &'static str) {
        match self {
            Organisations => ("des organisations", "organisations"),
            Members => ("des membres", "members"),
            Profiles => ("des profils", "profiles"),
            Grants => ("des autorisations", "grants"),
            Keys => ("des clés", "keys"),
            Terms => ("des conditions", "terms"),
            Suspensions => ("des suspensions", "suspensions"),
            Requests => ("des demandes d’accès", "requests for access"),
            Layers => ("des couches", "layers"),
        }
    }
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(crate) enum Act {
    Overview,
    List,
    Show,
    Create,
    Change,
    Revoke,
    Rotate,
    Approve,
    Refuse,
}

/// Who may try; whether it may be done to that very entry is judged when it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Least {
    /// Members of that role or a higher one, with a credential that is not narrowed.
    Role(Role),
    /// Whoever runs the machine.
    Operator,
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) method: &'static str,
    pub(crate) act: Act,
    /// Of what; of nothing in the overview.
    pub(crate) kind: Option<Kind>,
    pub(crate) least: Least,
}

const READER: Least = Least::Role(Role::Reader);
const PUBLISHER: Least = Least::Role(Role::Publisher);
const ADMIN: Least = Least::Role(Role::Admin);
const OPERATOR: Least = Least::Operator;

const fn op(method: &'static str, act: Act, kind: Kind, least: Least) -> Operation {
    Operation {
        method,
        act,
        kind: Some(kind),
        least,
    }
}

/// All of them.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        method: "GET",
        act: Act::Overview,
        kind: None,
        least: READER,
    },
    op("GET", Act::List, Organisations, PUBLISHER),
    op("POST", Act::Create, Organisations, OPERATOR),
    op("GET", Act::Show, Organisations, PUBLISHER),
    op("PATCH", Act::Change, Organisations, ADMIN),
    op("DELETE", Act::Revoke, Organisations, OPERATOR),
    op("GET", Act::List, Members, PUBLISHER),
    op("POST", Act::Create, Members, ADMIN),
    op("GET", Act::Show, Members, PUBLISHER),
    op("PATCH", Act::Change, Members, ADMIN),
    op("DELETE", Act::Revoke, Members, ADMIN),
    op("GET", Act::List, Profiles, PUBLISHER),
    op("POST", Act::Create, Profiles, PUBLISHER),
    op("GET", Act::Show, Profiles, PUBLISHER),
    op("PATCH", Act::Change, Profiles, PUBLISHER),
    op("DELETE", Act::Revoke, Profiles, PUBLISHER),
    op("GET", Act::List, Grants, PUBLISHER),
    op("POST", Act::Create, Grants, PUBLISHER),
    op("GET", Act::Show, Grants, PUBLISHER),
    op("PATCH", Act::Change, Grants, PUBLISHER),
    op("DELETE", Act::Revoke, Grants, PUBLISHER),
    // Members of any role have keys of their own.
    op("GET", Act::List, Keys, READER),
    op("POST", Act::Create, Keys, READER),
    op("GET", Act::Show, Keys, READER),
    op("PATCH", Act::Change, Keys, READER),
    op("DELETE", Act::Revoke, Keys, READER),
    op("POST", Act::Rotate, Keys, READER),
    op("GET", Act::List, Terms, PUBLISHER),
    op("POST", Act::Create, Terms, PUBLISHER),
    op("GET", Act::Show, Terms, PUBLISHER),
    op("DELETE", Act::Revoke, Terms, PUBLISHER),
    op("GET", Act::List, Suspensions, PUBLISHER),
    op("POST", Act::Create, Suspensions, PUBLISHER),
    op("GET", Act::Show, Suspensions, PUBLISHER),
    op("DELETE", Act::Revoke, Suspensions, PUBLISHER),
    op("GET", Act::List, Requests, PUBLISHER),
    op("GET", Act::Show, Requests, PUBLISHER),
    op("POST", Act::Approve, Requests, PUBLISHER),
    op("POST", Act::Refuse, Requests, PUBLISHER),
    op("GET", Act::List, Layers, PUBLISHER),
    op("GET", Act::Show, Layers, PUBLISHER),
    op("PATCH", Act::Change, Layers, PUBLISHER),
];

impl Least {
    /// Whether a caller is one of those.
    pub(crate) fn is_met(self, standing: &Standing) -> bool {
        standing.operator
            || match self {
                Self::Operator => false,
                Self::Role(role) => standing.role >= Some(role) && standing.scopes.are_wide(),
            }
    }
}

impl Operation {
    /// Where it is, below `/admin`; the id as a variable.
    pub(crate) fn path(&self) -> String {
        let Some(kind) = self.kind else {
            return String::new();
        };
        let (word, id) = (kind.word(), kind.variable());
        match self.act {
            Act::Rotate => format!("/{word}/{{{id}}}/rotate"),
            Act::Approve => format!("/{word}/{{{id}}}/approve"),
            Act::Refuse => format!("/{word}/{{{id}}}/refuse"),
            Act::Show | Act::Change | Act::Revoke => format!("/{word}/{{{id}}}"),
            Act::Overview | Act::List | Act::Create => format!("/{word}"),
        }
    }

    /// The id in a path, if it is at that path: an empty one where the path has none.
    fn id_at<'a>(&self, segments: &[&'a str]) -> Option<&'a str> {
        let rest = match (self.kind, segments) {
            (None, []) => return Some(""),
            (Some(kind), [first, rest @ ..]) if *first == kind.word() => rest,
            _ => return None,
        };
        match (self.act, rest) {
            (Act::List | Act::Create, []) => Some(""),
            (Act::Show | Act::Change | Act::Revoke, [id])
            | (Act::Rotate, [id, "rotate"])
            | (Act::Approve, [id, "approve"])
            | (Act::Refuse, [id, "refuse"]) => Some(id),
            _ => None,
        }
    }
}

/// The operations at a path below `/admin`, and the id in it.
pub(super) fn at<'a>(segments: &[&'a str]) -> (Vec<&'static Operation>, &'a str) {
    let found = OPERATIONS
        .iter()
        .filter_map(|operation| Some((operation, operation.id_at(segments)?)));
    let (found, ids): (Vec<_>, Vec<_>) = found.unzip();
    (found, ids.first().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_found_where_it_says() {
        for operation in OPERATIONS {
            let path = operation.path();
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            let (found, id) = at(&segments);
            assert!(found.contains(&operation), "{path}");
            assert_eq!(!id.is_empty(), path.contains('{'), "{path}");
            let same = |o: &&&Operation| o.method == operation.method;
            assert_eq!(found.iter().filter(same).count(), 1, "{operation:?}");
        }
        for nowhere in [
            &["nothing"][..],
            &["keys", "a", "b"],
            &["keys", "a", "rotate", "b"],
            &["grants", "a", "rotate"],
            &[""],
        ] {
            assert!(at(nowhere).0.is_empty(), "{nowhere:?}");
        }
    }

    #[test]
    fn a_narrow_credential_does_nothing() {
        let mut admin = Standing {
            role: Some(Role::Admin),
            ..Standing::default()
        };
        assert!(ADMIN.is_met(&admin) && READER.is_met(&admin) && !OPERATOR.is_met(&admin));
        admin.scopes.max_zoom = Some(3);
        assert!(!READER.is_met(&admin));
        assert!(!READER.is_met(&Standing::default()));
        assert!(OPERATOR.is_met(&Standing::operator()));
    }
}
