//! Entries of a policy as a store keeps them: each has a name, and one JSON text that means it.

use serde::{Deserialize, Serialize};

use super::change::{Name, Record};
use super::policy::{LayerState, Suspension, Terms};
use super::request::AccessRequest;

/// How a collection stands in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerLife {
    /// Collection id.
    pub layer: String,
    /// Its state; `None` leaves it to the configuration.
    #[serde(deserialize_with = "super::written::given")]
    pub state: Option<LayerState>,
    /// First instant at which it is open to others than its editors, in microseconds since 1970.
    #[serde(rename = "embargo_until", with = "super::written::instant::option")]
    pub embargo_until_us: Option<i64>,
}

/// That an organisation accepted terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    /// Which organisation.
    pub organisation: String,
    /// Which version.
    pub terms: Terms,
    /// Who accepted them for it.
    pub by: String,
    /// When, in microseconds since 1970.
    #[serde(rename = "at", with = "super::written::instant")]
    pub at_us: i64,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Entry {
    Record(Record),
    Layer(LayerLife),
    Suspension(Suspension),
    Acceptance(Acceptance),
    Request(AccessRequest),
}

impl Entry {
    /// What it is called.
    pub fn name(&self) -> Name {
        match self {
            Self::Record(record) => record.name(),
            Self::Layer(life) => Name::Layer(life.layer.clone()),
            Self::Suspension(s) => Name::Suspension(s.target.clone()),
            Self::Acceptance(a) => Name::Acceptance(a.organisation.clone(), a.terms.clone()),
            Self::Request(r) => Name::Request(r.id.clone()),
        }
    }

    /// Its JSON: the same entry always gives the same text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Record(record) => record.to_json(),
            Self::Layer(life) => serde_json::to_string(life),
            Self::Suspension(suspension) => serde_json::to_string(suspension),
            Self::Acceptance(acceptance) => serde_json::to_string(acceptance),
            Self::Request(request) => serde_json::to_string(request),
        }
    }

    /// The entry of that kind ([`Name::kind`]) that a JSON text means.
    pub fn from_json(kind: &str, text: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            "layer" => Self::Layer(serde_json::from_str(text)?),
            "suspension" => Self::Suspension(serde_json::from_str(text)?),
            "acceptance" => Self::Acceptance(serde_json::from_str(text)?),
            "request" => Self::Request(serde_json::from_str(text)?),
            kind => Self::Record(Record::from_json(kind, text)?),
        })
    }
}

impl Record {
    /// Its JSON: the same entry always gives the same text.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Organisation(organisation) => serde_json::to_string(organisation),
            Self::Member(member) => serde_json::to_string(member),
            Self::Profile(profile) => serde_json::to_string(profile),
            Self::Grant(grant) => serde_json::to_string(grant),
            Self::Key(key) => serde_json::to_string(key),
            Self::Terms(terms) => serde_json::to_string(terms),
        }
    }

    /// The record of that kind ([`Name::kind`]) that a JSON text means. It may still contradict itself: see [`Record::check`].
    pub fn from_json(kind: &str, text: &str) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            "organisation" => Self::Organisation(serde_json::from_str(text)?),
            "member" => Self::Member(serde_json::from_str(text)?),
            "profile" => Self::Profile(serde_json::from_str(text)?),
            "grant" => Self::Grant(serde_json::from_str(text)?),
            "key" => Self::Key(serde_json::from_str(text)?),
            "terms" => Self::Terms(serde_json::from_str(text)?),
            kind => {
                let message = format!("there are no entries of kind {kind:?}");
                return Err(serde::de::Error::custom(message));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::access::{
        Aggregate, AreaMode, AreaSource, Attributes, Derived, Grant, Precision, Profile,
        ProfileArea, Subject, Zooms,
    };

    fn profile() -> Profile {
        Profile {
            id: "p".to_owned(),
            organisation: None,
            rows: "TRUE".to_owned(),
            attributes: Attributes::Only(["b", "a"].map(str::to_owned).into()),
            area: Some((ProfileArea::Jurisdiction, AreaMode::Clip)),
            derived: BTreeMap::from([("s".to_owned(), Derived::Mask)]),
            zooms: Zooms { min: 0, max: 12 },
            precision: Some(Precision {
                grid_m: 1000,
                min_count: 11,
                aggregates: BTreeMap::from([("x".to_owned(), Aggregate::Sum)]),
            }),
            formats: Some(BTreeSet::from(["geojson".to_owned()])),
        }
    }

    #[test]
    fn a_profile_is_one_text() {
        let entry = Entry::Record(Record::Profile(profile()));
        let text = entry.to_json().unwrap();
        assert_eq!(
            text,
            "{\"id\":\"p\",\"organisation\":null,\"rows\":\"TRUE\",\"attributes\":[\"a\",\"b\"],\
             \"area\":{\"jurisdiction\":true,\"mode\":\"clip\"},\"derived\":{\"s\":\"mask\"},\
             \"zooms\":{\"min\":0,\"max\":12},\
             \"precision\":{\"grid_m\":1000,\"min_count\":11,\"aggregates\":{\"x\":\"sum\"}},\"formats\":[\"geojson\"]}"
        );
        assert_eq!(Entry::from_json("profile", &text).unwrap(), entry);
    }

    /// Threats 26 and 42: an entry that leaves a restriction out, or says one that this version does not know, is no wider entry.
    #[test]
    fn a_restriction_that_is_missing_or_unknown_is_an_error() {
        let whole = Entry::Record(Record::Profile(profile())).to_json().unwrap();
        let whole: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&whole).unwrap();
        for key in whole.keys() {
            let mut less = whole.clone();
            less.remove(key);
            let text = serde_json::to_string(&less).unwrap();
            assert!(Entry::from_json("profile", &text).is_err(), "without {key}");
        }
        let mut more = whole;
        more.insert("only_on_mondays".to_owned(), true.into());
        let text = serde_json::to_string(&more).unwrap();
        assert!(Entry::from_json("profile", &text).is_err());
    }

    #[test]
    fn the_keys_of_a_grant_are_all_demanded() {
        let grant = Grant {
            id: "g-1".to_owned(),
            subject: Subject::Public,
            layers: BTreeSet::new(),
            profile: "p".to_owned(),
            actions: BTreeSet::new(),
            from_us: None,
            until_us: Some(1_814_313_600_000_000),
            terms: None,
        };
        let text = Record::Grant(grant.clone()).to_json().unwrap();
        assert_eq!(
            text,
            "{\"id\":\"g-1\",\"subject\":\"public\",\"layers\":[],\"profile\":\"p\",\"actions\":[],\"from\":null,\
             \"until\":\"2027-06-30T00:00:00Z\",\"terms\":null}"
        );
        assert_eq!(
            Record::from_json("grant", &text).unwrap(),
            Record::Grant(grant)
        );
        let whole: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        for key in whole.keys() {
            let mut less = whole.clone();
            less.remove(key);
            let text = serde_json::to_string(&less).unwrap();
            assert!(Record::from_json("grant", &text).is_err(), "without {key}");
        }
    }

    #[test]
    fn areas_say_one_thing() {
        for (text, good) in [
            (r#"{"wkt":"POINT (1 2)"}"#, true),
            (r#"{"layer":"a.b","filter":"TRUE"}"#, true),
            (r#"{"layer":"a.b"}"#, false),
            (
                r#"{"wkt":"POINT (1 2)","layer":"a.b","filter":"TRUE"}"#,
                false,
            ),
            ("{}", false),
            (r#"{"jurisdiction":true}"#, false),
        ] {
            assert_eq!(
                serde_json::from_str::<AreaSource>(text).is_ok(),
                good,
                "{text}"
            );
        }
    }
}
