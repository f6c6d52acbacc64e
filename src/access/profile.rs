//! Profiles: named restrictions, as publishers write them.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

/// The properties that a profile opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attributes {
    /// `"*"`: all that the layer declares.
    All,
    /// These; none if empty.
    Only(BTreeSet<String>),
}

/// How an area restricts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaMode {
    /// Features that share ground with the area (length for lines, the point itself for points), cut along it.
    Clip,
    /// Features that touch the area, whole.
    Intersects,
    /// Features of which nothing lies outside of the area.
    Within,
}

/// An area as it is written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AreaSource {
    /// A geometry as WKT, in CRS84.
    Wkt(String),
    /// The union of the features of a layer that a CQL2 text selects.
    Layer {
        /// Collection id.
        layer: String,
        /// CQL2 text.
        filter: String,
    },
}

/// Which area restricts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileArea {
    /// That of the organisation that asks. One without a jurisdiction sees nothing.
    Jurisdiction,
    /// One that is written in the profile.
    Given(AreaSource),
}

/// What becomes of a property that a clipped shape would make false.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Derived {
    /// It is not shown where the shape was cut.
    Mask,
    /// It is computed from the cut shape: square metres of a surface, metres of a line.
    Recompute,
}

/// How cells of a grid sum up the values of a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Aggregate {
    Sum,
    Mean,
    Min,
    Max,
}

/// A grid of cells that takes the place of the geometries. What shows more is less in their order: finer cells, then a lower threshold,
/// then more aggregates; a feature that has several shows the least.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// Side of a cell in metres.
    pub grid_m: u32,
    /// Cells with fewer features join the next step of the ladder.
    pub min_count: u64,
    /// What a cell says besides its count, by the name of the property.
    pub aggregates: BTreeMap<String, Aggregate>,
}

impl Ord for Precision {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |p: &Self| (p.grid_m, p.min_count, Reverse(p.aggregates.len()));
        rank(self)
            .cmp(&rank(other))
            .then_with(|| self.aggregates.cmp(&other.aggregates))
    }
}

impl PartialOrd for Precision {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// First and last zoom, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Zooms {
    /// First.
    pub min: u8,
    /// Last.
    pub max: u8,
}

impl Zooms {
    /// No restriction.
    pub const ALL: Self = Self {
        min: 0,
        max: u8::MAX,
    };

    /// True if nothing is restricted.
    pub fn are_all(self) -> bool {
        self == Self::ALL
    }

    /// True if a zoom is one of them.
    pub fn hold(self, zoom: u8) -> bool {
        self.min <= zoom && zoom <= self.max
    }

    /// True if no zoom is one of them.
    pub fn are_none(self) -> bool {
        self.min > self.max
    }

    /// Those in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            min: self.min.max(other.min),
            max: self.max.min(other.max),
        }
    }
}

/// A named restriction. Everything in it must hold.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its id.
    pub id: String,
    /// The organisation that made it, `None` for the operator's.
    #[serde(deserialize_with = "super::written::given")]
    pub organisation: Option<String>,
    /// CQL2 text that selects rows; `TRUE` for all.
    pub rows: String,
    /// The properties it opens.
    pub attributes: Attributes,
    /// The area it opens, and how.
    #[serde(with = "super::written::profile_area")]
    pub area: Option<(ProfileArea, AreaMode)>,
    /// What becomes of properties that a clipped shape would make false.
    pub derived: BTreeMap<String, Derived>,
    /// Zooms at which it opens tiles. A limit without a precision closes items and exports too (it would be cosmetic).
    #[serde(deserialize_with = "super::written::given")]
    pub zooms: Zooms,
    /// The cells that take the place of geometries.
    #[serde(deserialize_with = "super::written::given")]
    pub precision: Option<Precision>,
    /// Short names of the formats it opens; `None` is all.
    #[serde(deserialize_with = "super::written::given")]
    pub formats: Option<BTreeSet<String>>,
}
