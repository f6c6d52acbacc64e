//! What bodies of administration look like: OpenAPI 3.0 schemas, which the definition shows and from which `expected` says what a member should have been.

use serde_json::{Map, Value, json};

use super::table::{Act, Kind};
use crate::access::{
    Action, Aggregate, AreaMode, Derived, FORMATS, KeyKind, LayerState, Role, WKT_BYTES_MAX,
};
use crate::api::me::rotate_schema;
use crate::api::texts::pick;
use crate::catalog::Language;
use crate::filter::Limits;

const ID: &str = "^[a-z0-9][a-z0-9_-]{0,63}$";
/// An id, maybe after that of an organisation and a dot.
const NAME: &str = "^([a-z0-9][a-z0-9_-]{0,63}\\.)?[a-z0-9][a-z0-9_-]{0,63}$";
const TERMS: &str = "^([a-z0-9][a-z0-9_-]{0,63}\\.)?[a-z0-9][a-z0-9_-]{0,63}@[1-9][0-9]*$";
const SUBJECT: &str =
    "^(public|authenticated|(organisation|group):[a-z0-9][a-z0-9_-]{0,63}|key:[0-9a-f]{8})$";
const TARGET: &str = "^(layer|organisation|member|key):[a-z0-9][a-z0-9_.-]*$";
/// Members of a list, as `access` takes them.
const LIST_MAX: u32 = 2_000;

/// What is sent in an operation; `None` where nothing is.
pub(super) fn body(act: Act, kind: Kind, l: Language) -> Option<Value> {
    match act {
        Act::Create => Some(object(entry(kind, l), true)),
        Act::Change => {
            let mut members = entry(kind, l);
            // An entry keeps its name.
            members.retain(|(name, ..)| *name != "id");
            let mut changed = object(members, false);
            if kind == Kind::Layers {
                changed["minProperties"] = 1.into();
                changed["maxProperties"] = 1.into();
            }
            Some(changed)
        }
        // What the bearer of a key sends.
        Act::Rotate => Some(rotate_schema()),
        Act::Refuse => Some(object(vec![("reason", page(), true)], true)),
        Act::Approve => Some(object(
            vec![
                ("profile", name(), true),
                ("actions", actions(), true),
                ("until", nullable(instant()), false),
                ("terms", nullable(terms()), false),
            ],
            true,
        )),
        Act::Overview | Act::List | Act::Show | Act::Revoke => None,
    }
}

/// Name, schema, and whether it must be said where an entry is made. What restricts must be, if only as `null`.
type Member = (&'static str, Value, bool);

fn entry(kind: Kind, l: Language) -> Vec<Member> {
    match kind {
        Kind::Organisations => vec![
            ("id", id(), true),
            ("title", line(), true),
            ("parent", nullable(id()), false),
            ("jurisdiction", nullable(area(l)), false),
            (
                "siret",
                nullable(pattern("^[0-9]{14}$", "21130001300013")),
                false,
            ),
        ],
        Kind::Members => vec![
            ("id", name(), true),
            ("organisation", id(), true),
            ("role", words(Role::WORDS), true),
            ("groups", list(id()), false),
            ("identity", nullable(identity(l)), false),
            ("until", nullable(instant()), true),
        ],
        Kind::Profiles => profile(l),
        Kind::Grants => vec![
            ("subject", pattern(SUBJECT, "organisation:eau"), true),
            ("layers", list(name()), true),
            ("profile", name(), true),
            ("actions", actions(), true),
            ("from", nullable(instant()), true),
            ("until", nullable(instant()), true),
            ("terms", nullable(terms()), true),
        ],
        Kind::Keys => vec![
            ("organisation", id(), true),
            ("member", nullable(name()), false),
            ("label", line(), true),
            ("kind", words(KeyKind::WORDS), true),
            ("scopes", scopes(l), true),
            (
                "origins",
                list(pattern(
                    "^https?://[a-z0-9.:\\[\\]-]+$",
                    "https://carte.example.org",
                )),
                false,
            ),
            (
                "networks",
                list(pattern("^[0-9a-fA-F.:]+/[0-9]{1,3}$", "192.0.2.0/24")),
                false,
            ),
            ("from", nullable(instant()), false),
            ("until", nullable(instant()), true),
        ],
        Kind::Terms => vec![
            ("terms", terms(), true),
            ("organisation", nullable(id()), true),
            ("title", line(), true),
            (
                "url",
                nullable(pattern(
                    "^https?://[!-~]+$",
                    "https://example.org/licence.pdf",
                )),
                false,
            ),
            ("sha256", nullable(hexadecimal()), false),
        ],
        Kind::Suspensions => vec![
            (
                "target",
                pattern(TARGET, "layer:region-sud.parcelles"),
                true,
            ),
            ("reason", line(), true),
        ],
        Kind::Layers => vec![
            ("state", words(LayerState::WORDS), false),
            ("embargo_until", nullable(instant()), false),
        ],
        Kind::Requests => Vec::new(),
    }
}

fn profile(l: Language) -> Vec<Member> {
    let star = json!({ "type": "string", "enum": ["*"] });
    let attributes = one_of(vec![star, list(text())]);
    let derived = by_name(words(Derived::WORDS));
    let zoom = || integer(0, 24);
    let zooms = object(vec![("min", zoom(), true), ("max", zoom(), true)], true);
    let precision = object(
        vec![
            ("grid_m", integer(1, 1_000_000), true),
            (
                "min_count",
                json!({ "type": "integer", "minimum": 1 }),
                true,
            ),
            ("aggregates", by_name(words(Aggregate::WORDS)), true),
        ],
        true,
    );
    let formats = json!({ "type": "array", "items": { "type": "string", "enum": FORMATS }, "uniqueItems": true });
    vec![
        ("id", name(), true),
        ("organisation", nullable(id()), true),
        (
            "rows",
            described(
                filter(),
                l,
                "CQL2 : les objets montrés ; TRUE pour tous.",
                "CQL2: the features that are shown; TRUE for all.",
            ),
            true,
        ),
        (
            "attributes",
            described(
                attributes,
                l,
                "Les attributs montrés ; \"*\" pour tous ceux que la couche déclare.",
                "The properties that are shown; \"*\" for all that the layer declares.",
            ),
            true,
        ),
        ("area", nullable(profile_area(l)), true),
        (
            "derived",
            described(
                derived,
                l,
                "Ce que deviennent les attributs qu’une découpe rend faux.",
                "What becomes of properties that a cut makes false.",
            ),
            true,
        ),
        ("zooms", nullable(zooms), true),
        (
            "precision",
            described(
                nullable(precision),
                l,
                "Des mailles au lieu des objets ; attributes est alors [].",
                "Cells in the place of features; attributes is [] then.",
            ),
            true,
        ),
        ("formats", nullable(formats), true),
    ]
}

fn scopes(l: Language) -> Value {
    let scopes = object(
        vec![
            ("layers", nullable(list(name())), true),
            ("actions", nullable(actions()), true),
            ("profile", nullable(name()), true),
            ("max_zoom", nullable(integer(0, u8::MAX.into())), true),
        ],
        true,
    );
    described(
        scopes,
        l,
        "Ce à quoi la clé se limite ; null ne limite rien.",
        "What the key is narrowed to; null narrows nothing.",
    )
}

/// An area by itself: written out, or drawn from a layer.
fn area(l: Language) -> Value {
    let mut area = one_of(vec![
        object(vec![("wkt", wkt(l), true)], true),
        object(
            vec![("layer", name(), true), ("filter", filter(), true)],
            true,
        ),
    ]);
    area["type"] = "object".into();
    area
}

fn profile_area(l: Language) -> Value {
    let mode = || words(AreaMode::WORDS);
    let yes = json!({ "type": "boolean", "enum": [true] });
    let mut area = one_of(vec![
        object(
            vec![("jurisdiction", yes, true), ("mode", mode(), true)],
            true,
        ),
        object(vec![("wkt", wkt(l), true), ("mode", mode(), true)], true),
        object(
            vec![
                ("layer", name(), true),
                ("filter", filter(), true),
                ("mode", mode(), true),
            ],
            true,
        ),
    ]);
    area["type"] = "object".into();
    area
}

fn wkt(l: Language) -> Value {
    let wkt = json!({ "type": "string", "minLength": 1, "maxLength": WKT_BYTES_MAX, "example": "POLYGON((5 43, 6 43, 6 44, 5 43))" });
    described(
        wkt,
        l,
        "Polygone ou multipolygone WKT, en longitude et latitude (CRS84).",
        "WKT polygon or multipolygon, in longitude and latitude (CRS84).",
    )
}

fn identity(l: Language) -> Value {
    let pair = json!({ "type": "array", "items": line(), "minItems": 2, "maxItems": 2 });
    described(
        pair,
        l,
        "Émetteur et sujet des jetons du membre.",
        "Issuer and subject of the member’s tokens.",
    )
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn filter() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": Limits::default().length_bytes })
}

fn line() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 200 })
}

fn page() -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": 4_000 })
}

fn id() -> Value {
    pattern(ID, "region-sud")
}

fn name() -> Value {
    pattern(NAME, "region-sud.parcelles")
}

fn terms() -> Value {
    pattern(TERMS, "region-sud.licence@1")
}

fn hexadecimal() -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-fA-F]{64}$", "minLength": 64, "maxLength": 64 })
}

fn pattern(pattern: &str, example: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "example": example })
}

fn instant() -> Value {
    json!({ "type": "string", "format": "date-time", "example": "2027-06-30T22:00:00Z" })
}

fn integer(least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

fn words<T>(all: &[(&'static str, T)]) -> Value {
    let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
    json!({ "type": "string", "enum": words })
}

fn actions() -> Value {
    json!({ "type": "array", "items": words(Action::WORDS), "uniqueItems": true })
}

fn list(items: Value) -> Value {
    let mut list = json!({ "type": "array", "maxItems": LIST_MAX });
    list["items"] = items;
    list
}

fn by_name(value: Value) -> Value {
    let mut map = json!({ "type": "object", "maxProperties": LIST_MAX });
    map["additionalProperties"] = value;
    map
}

fn one_of(all: Vec<Value>) -> Value {
    let mut any = json!({});
    any["oneOf"] = Value::Array(all);
    any
}

fn nullable(mut schema: Value) -> Value {
    schema["nullable"] = true.into();
    schema
}

fn described(mut schema: Value, l: Language, fr: &str, en: &str) -> Value {
    schema["description"] = pick(l, fr, en).into();
    schema
}

fn object(members: Vec<Member>, whole: bool) -> Value {
    let required: Vec<&str> = members
        .iter()
        .filter(|(_, _, required)| whole && *required)
        .map(|(name, ..)| *name)
        .collect();
    let properties: Map<String, Value> = members
        .into_iter()
        .map(|(name, schema, _)| (name.to_owned(), schema))
        .collect();
    let mut object = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    if !required.is_empty() {
        object["required"] = required.into();
    }
    object
}
