//! Rows that a view cannot share with the layer, because it shows another geometry, other values or another order.

use super::bits::{self, Bits};
use super::plan::{Faces, Plan};
use crate::geometry::region::Clipped;
use crate::geometry::source::SourceGeometry;
use crate::layer::{NewRow, Part};
use crate::model::{FeatureIdRef, ValueRef};

/// A row to be put into a segment of the view's own.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) row: usize,
    /// What is shown of its geometry, where that is not all.
    pub(super) piece: Option<Clipped>,
    /// Values computed from the geometry that is shown: place among the properties that are shown, value.
    pub(super) computed: Vec<(usize, Number)>,
}

/// A computed value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
    /// It cannot be computed.
    None,
}

impl Number {
    pub(super) fn as_value(self) -> ValueRef<'static> {
        match self {
            Self::Int(i) => ValueRef::Int(i),
            Self::Float(f) => ValueRef::Float(f),
            Self::None => ValueRef::Null,
        }
    }
}

/// The rows of a part as a view shows them.
#[derive(Debug)]
pub(super) struct Showing<'a> {
    pub(super) part: &'a Part,
    pub(super) plan: Plan,
    /// Rows that are shared.
    pub(super) shared: Bits,
    /// Rows that are made, ascending.
    pub(super) made: Vec<Made>,
}

impl Showing<'_> {
    /// Values of a shared row, in the order of the properties that are shown.
    pub(super) fn value<'s>(&'s self, faces: &Faces<'_>, row: usize, place: usize) -> ValueRef<'s> {
        if bits::has(&self.plan.given[place], row) {
            self.part.segment.value(row, faces.fields[place])
        } else {
            ValueRef::Null
        }
    }

    /// Values of a made row.
    pub(super) fn made_value<'s>(
        &'s self,
        faces: &Faces<'_>,
        made: &'s Made,
        place: usize,
    ) -> ValueRef<'s> {
        match made.computed.iter().find(|(p, _)| *p == place) {
            Some((_, number)) => number.as_value(),
            None => self.value(faces, made.row, place),
        }
    }

    /// The geometry of a made row.
    pub(super) fn made_geometry<'s>(&'s self, made: &'s Made) -> Option<SourceGeometry<'s>> {
        match &made.piece {
            Some(piece) => Some(piece.source()),
            None => self.part.segment.source_geometry(made.row),
        }
    }

    /// A made row, to be put into a segment under that id.
    pub(super) fn as_new<'s>(&'s self, made: &'s Made, id: FeatureIdRef<'s>) -> NewRow<'s> {
        let whole = self.part.segment.as_new(made.row);
        match &made.piece {
            None => NewRow { id, ..whole },
            Some(piece) => NewRow {
                id,
                source: Some(piece.source()),
                paths: piece.paths(),
                bbox: Some(piece.bbox()),
                flags: 0,
            },
        }
    }

    /// The made row of that number in the part's segment.
    pub(super) fn made_of(&self, row: usize) -> Option<&Made> {
        let place = self.made.binary_search_by_key(&row, |m| m.row).ok()?;
        Some(&self.made[place])
    }
}
