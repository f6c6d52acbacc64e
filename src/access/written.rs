//! The JSON of a policy's entries: pieces that serde cannot work out by itself.
//!
//! Whatever restricts must be said: a key that is missing is an error, never "no restriction" (`null` says that). So is a key that is
//! not known, for it may be a restriction of a later version.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::profile::{AreaMode, AreaSource, Attributes, ProfileArea, Zooms};

/// What must be given, if only as `null`: serde takes a missing key for `null` unless told how to read it.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<T, D::Error> {
    T::deserialize(d)
}

/// Microseconds since 1970 as an instant of RFC 3339.
pub(super) mod instant {
    use super::{Deserialize, Deserializer, Serialize, Serializer};

    /// The text of an instant; those outside of the years -9999 to 9999 have none.
    pub(in super::super) fn text(us: i64) -> Option<String> {
        Some(jiff::Timestamp::from_microsecond(us).ok()?.to_string())
    }

    pub(in super::super) fn serialize<S: Serializer>(us: &i64, s: S) -> Result<S::Ok, S::Error> {
        let text = text(*us).ok_or_else(|| serde::ser::Error::custom("no such instant"))?;
        s.serialize_str(&text)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        let instant: jiff::Timestamp = text.parse().map_err(serde::de::Error::custom)?;
        Ok(instant.as_microsecond())
    }

    /// The same, or `null`.
    pub(in super::super) mod option {
        use super::{Deserialize, Deserializer, Serialize, Serializer};

        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        struct Instant(#[serde(with = "super")] i64);

        #[expect(clippy::ref_option, reason = "as serde calls it")]
        pub(in super::super::super) fn serialize<S: Serializer>(
            us: &Option<i64>,
            s: S,
        ) -> Result<S::Ok, S::Error> {
            us.map(Instant).serialize(s)
        }

        pub(in super::super::super) fn deserialize<'de, D: Deserializer<'de>>(
            d: D,
        ) -> Result<Option<i64>, D::Error> {
            Ok(Option::<Instant>::deserialize(d)?.map(|i| i.0))
        }
    }
}

/// 32 bytes as hexadecimal digits.
pub(super) mod hex {
    use super::{Deserialize, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        bytes: &[u8; 32],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        s.serialize_str(blake3::Hash::from_bytes(*bytes).to_hex().as_str())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<[u8; 32], D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        read(&text).ok_or_else(|| serde::de::Error::custom("not 64 hexadecimal digits"))
    }

    pub(super) fn read(text: &str) -> Option<[u8; 32]> {
        blake3::Hash::from_hex(text).ok().map(|h| *h.as_bytes())
    }

    /// The same, or `null`.
    pub(in super::super) mod option {
        use super::{Deserialize, Deserializer, Serializer};

        #[expect(clippy::ref_option, reason = "as serde calls it")]
        pub(in super::super::super) fn serialize<S: Serializer>(
            bytes: &Option<[u8; 32]>,
            s: S,
        ) -> Result<S::Ok, S::Error> {
            match bytes {
                Some(bytes) => super::serialize(bytes, s),
                None => s.serialize_none(),
            }
        }

        pub(in super::super::super) fn deserialize<'de, D: Deserializer<'de>>(
            d: D,
        ) -> Result<Option<[u8; 32]>, D::Error> {
            let text = Option::<std::borrow::Cow<'de, str>>::deserialize(d)?;
            let wrong = || serde::de::Error::custom("not 64 hexadecimal digits");
            text.map(|t| super::read(&t).ok_or_else(wrong)).transpose()
        }
    }
}

impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => s.serialize_str("*"),
            Self::Only(names) => names.serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "attributes must be \"*\" or a list of names")]
        enum Written {
            Star(String),
            Only(std::collections::BTreeSet<String>),
        }
        match Written::deserialize(d)? {
            Written::Star(star) if star == "*" => Ok(Self::All),
            Written::Star(_) => Err(serde::de::Error::custom(
                "attributes must be \"*\" or a list of names",
            )),
            Written::Only(names) => Ok(Self::Only(names)),
        }
    }
}

/// The keys by which an area is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Area {
    #[serde(skip_serializing_if = "Option::is_none")]
    jurisdiction: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wkt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<AreaMode>,
}

impl Area {
    fn of(source: &AreaSource) -> Self {
        match source {
            AreaSource::Wkt(wkt) => Self {
                wkt: Some(wkt.clone()),
                ..Self::default()
            },
            AreaSource::Layer { layer, filter } => Self {
                layer: Some(layer.clone()),
                filter: Some(filter.clone()),
                ..Self::default()
            },
        }
    }

    fn source(self) -> Result<AreaSource, &'static str> {
        match (self.wkt, self.layer, self.filter) {
            (Some(wkt), None, None) => Ok(AreaSource::Wkt(wkt)),
            (None, Some(layer), Some(filter)) => Ok(AreaSource::Layer { layer, filter }),
            _ => Err("an area is one of {\"wkt\"} and {\"layer\", \"filter\"}"),
        }
    }
}

impl Serialize for AreaSource {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        Area::of(self).serialize(s)
    }
}

impl<'de> Deserialize<'de> for AreaSource {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let area = Area::deserialize(d)?;
        if area.jurisdiction.is_some() || area.mode.is_some() {
            return Err(serde::de::Error::custom(
                "\"jurisdiction\" and \"mode\" are for profiles",
            ));
        }
        area.source().map_err(serde::de::Error::custom)
    }
}

/// The area of a profile: `{"jurisdiction": true, "mode": "clip"}`, or a written one with a mode, or `null`.
pub(super) mod profile_area {
    use super::{Area, AreaMode, Deserialize, Deserializer, ProfileArea, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "as serde calls it")]
    pub(in super::super) fn serialize<S: Serializer>(
        area: &Option<(ProfileArea, AreaMode)>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let written = area.as_ref().map(|(area, mode)| Area {
            mode: Some(*mode),
            ..match area {
                ProfileArea::Jurisdiction => Area {
                    jurisdiction: Some(true),
                    ..Area::default()
                },
                ProfileArea::Given(source) => Area::of(source),
            }
        });
        written.serialize(s)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<Option<(ProfileArea, AreaMode)>, D::Error> {
        use serde::de::Error;
        let Some(written) = Option::<Area>::deserialize(d)? else {
            return Ok(None);
        };
        let mode = written
            .mode
            .ok_or_else(|| D::Error::custom("an area of a profile has a \"mode\""))?;
        let area = match written.jurisdiction {
            Some(true)
                if written.wkt.is_none() && written.layer.is_none() && written.filter.is_none() =>
            {
                ProfileArea::Jurisdiction
            }
            Some(_) => {
                return Err(D::Error::custom(
                    "\"jurisdiction\" is true and stands alone with \"mode\"",
                ));
            }
            None => ProfileArea::Given(written.source().map_err(D::Error::custom)?),
        };
        Ok(Some((area, mode)))
    }
}

/// Zooms: `{"min": 0, "max": 12}`, or `null` for all.
impl Serialize for Zooms {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let limited = (*self != Self::ALL).then_some(Range {
            min: self.min,
            max: self.max,
        });
        limited.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Zooms {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let range = Option::<Range>::deserialize(d)?;
        Ok(range.map_or(Self::ALL, |r| Self {
            min: r.min,
            max: r.max,
        }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    min: u8,
    max: u8,
}
