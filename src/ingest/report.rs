//! What an ingest has to say: how many features came in, and what was wrong with which.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Places kept per code; the count goes on beyond, the places would only repeat themselves.
const PLACES: usize = 20;

/// Everything that can be wrong with a feature or a file without stopping the layer. Codes are stable: scripts count them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // Rejected features
    /// The text of the feature cannot be read.
    Syntax,
    /// It is no feature: a wrong `type`, a member missing.
    NotAFeature,
    /// A geometry of a kind that is not served (curves).
    UnsupportedGeometry,
    /// A geometry that is none: coordinates of the wrong depth, too few ordinates.
    BadGeometry,
    /// An ordinate that is no finite number.
    NotFinite,
    /// Longitude beyond ±360 or latitude beyond ±90.
    OutOfRange,
    /// A place that the storage CRS cannot express in degrees.
    Unprojectable,
    /// More vertices than `limits.vertices_per_feature`.
    TooManyVertices,
    /// More properties than `limits.columns`.
    TooManyColumns,
    /// A value longer than `limits.property_value_bytes`.
    ValueTooLong,
    /// A value that is not of the declared type.
    NotOfType,
    /// No value for the declared `feature_id`.
    MissingId,
    /// The id of an earlier feature.
    DuplicateId,
    /// The reader of the format failed on this feature.
    Unreadable,
    // Repaired features: tiles and predicates use the repaired shape, items the source's
    /// A polygon crossed itself.
    SelfIntersection,
    /// A ring did not end where it began.
    UnclosedRing,
    /// A ring without area was dropped.
    DegenerateRing,
    /// A line of one single point was dropped, or stands as that point.
    DegenerateLine,
    /// A hole outside of its polygon, or a polygon inside of another.
    MisplacedRing,
    // Notes on the file
    /// No CRS was named; CRS84 was assumed because all coordinates are degrees.
    CrsAssumed,
    /// The CRS is served from the general EPSG table and was not tested.
    CrsUntested,
    /// The declared CRS differs from the one that the file names.
    CrsOverridden,
    /// The file's ids repeat; places in the file are used instead.
    IdsRepeat,
    /// The file ends early or is damaged; `partial = true` let it in.
    CutShort,
    /// A binary column cannot be served and was left out.
    BinaryColumn,
}

/// What became of the features with a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The feature is not served.
    Rejected,
    /// The feature is served, its shape mended.
    Repaired,
    /// Something to know about the file.
    Note,
}

impl Code {
    /// What became of features with this code.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::SelfIntersection
            | Self::UnclosedRing
            | Self::DegenerateRing
            | Self::DegenerateLine
            | Self::MisplacedRing => Verdict::Repaired,
            Self::CrsAssumed
            | Self::CrsUntested
            | Self::CrsOverridden
            | Self::IdsRepeat
            | Self::CutShort
            | Self::BinaryColumn => Verdict::Note,
            _ => Verdict::Rejected,
        }
    }

    /// The code as it is written in reports.
    pub fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// How often a code occurred, and where first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Faults {
    /// Features (or 1 for a note).
    pub count: u64,
    /// Places of the first ones in the file, from 1.
    pub places: Vec<u32>,
    /// The first one in words.
    pub example: String,
}

/// The report on one layer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the format.
    pub format: String,
    /// Name of the layer in the file, where the format has one.
    pub source_layer: Option<String>,
    /// Features met in the file.
    pub read: u64,
    /// Features served.
    pub accepted: u64,
    /// Storage CRS.
    pub crs: String,
    /// What was wrong.
    pub codes: BTreeMap<Code, Faults>,
}

impl Report {
    /// Counts one occurrence of `code` at feature `place`.
    pub fn add(&mut self, code: Code, place: u32, example: impl FnOnce() -> String) {
        let faults = self.codes.entry(code).or_default();
        faults.count += 1;
        if faults.places.len() < PLACES && place > 0 {
            faults.places.push(place);
        }
        if faults.example.is_empty() {
            faults.example = example();
        }
    }

    /// Adds what another part of the file had.
    pub fn merge(&mut self, other: &Self) {
        self.read += other.read;
        for (code, faults) in &other.codes {
            let mine = self.codes.entry(*code).or_default();
            mine.count += faults.count;
            let room = PLACES - mine.places.len().min(PLACES);
            mine.places.extend(faults.places.iter().take(room));
            if mine.example.is_empty() {
                mine.example.clone_from(&faults.example);
            }
        }
    }

    /// Features with a verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.codes
            .iter()
            .filter(|(code, _)| code.verdict() == verdict)
            .map(|(_, f)| f.count)
            .sum()
    }
}
