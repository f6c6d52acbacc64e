//! Words of CQL2 that are no names.

use crate::filter::ast::{ArrayOp, FoldOp, SpatialOp, TemporalOp};
use crate::filter::wkt;
use crate::geometry::source::GeometryKind;

/// Words that are never names, unless in double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub(in crate::filter) enum Word {
    And,
    Between,
    Div,
    False,
    In,
    Is,
    Like,
    Not,
    Null,
    Or,
    True,
}

impl Word {
    const ALL: [(&'static str, Self); 11] = [
        ("AND", Self::And),
        ("OR", Self::Or),
        ("NOT", Self::Not),
        ("IN", Self::In),
        ("IS", Self::Is),
        ("NULL", Self::Null),
        ("LIKE", Self::Like),
        ("BETWEEN", Self::Between),
        ("TRUE", Self::True),
        ("FALSE", Self::False),
        ("DIV", Self::Div),
    ];

    /// The word, in any mixture of cases.
    pub(super) fn find(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, word)| *word)
    }
}

/// What CQL2 itself means by a name before a bracket. Without the bracket it is the name of a property: many layers have a `date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callee {
    Fold(FoldOp),
    Spatial(SpatialOp),
    Temporal(TemporalOp),
    Array(ArrayOp),
    Date,
    Timestamp,
    Interval,
    Bbox,
    /// With `true`, its vertices have heights: `POINTZ`.
    Geometry(GeometryKind, bool),
}

impl Callee {
    /// What is meant by that name, in any mixture of cases.
    pub(super) fn find(name: &str) -> Option<Self> {
        if name.as_bytes().get(1) == Some(&b'_') {
            return SpatialOp::find(name)
                .map(Self::Spatial)
                .or_else(|| TemporalOp::find(name).map(Self::Temporal))
                .or_else(|| ArrayOp::find(name).map(Self::Array));
        }
        const CONSTRUCTORS: [(&str, Callee); 4] = [
            ("DATE", Callee::Date),
            ("TIMESTAMP", Callee::Timestamp),
            ("INTERVAL", Callee::Interval),
            ("BBOX", Callee::Bbox),
        ];
        CONSTRUCTORS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(name))
            .map(|(_, callee)| *callee)
            .or_else(|| FoldOp::find(name).map(Self::Fold))
            .or_else(|| wkt::kind_of(name).map(|(kind, has_z)| Self::Geometry(kind, has_z)))
    }
}
