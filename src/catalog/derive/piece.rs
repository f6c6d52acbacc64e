//! What is shown of a row that no slice shows whole, and values that are computed from it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::areas;
use super::bits;
use super::made::{Made, Number};
use super::plan::{Faces, Plan};
use crate::filter::Measures;
use crate::geometry::crs::Crs;
use crate::geometry::region::{Clipped, Cut, PreparedRegion, Scratch, StorageFrame};
use crate::geometry::source::SourceGeometry;
use crate::layer::Part;
use crate::model::DataType;

/// The rows of a part that are shown in another shape or with other values than the layer's, ascending.
pub(super) fn made_rows(part: &Part, plan: &Plan, faces: &Faces<'_>, frame: &Frame) -> Vec<Made> {
    let mut rows = bits::without(&plan.plain, &plan.whole);
    for computed in &plan.computed {
        bits::add(&mut rows, computed);
    }
    let rows: Vec<usize> = bits::rows(&rows).collect();
    let unions = Unions::default();
    rows.par_iter()
        .map_init(Scratch::default, |scratch, row| {
            let piece = (!bits::has(&plan.whole, *row))
                .then(|| plan.piece(part, faces, faces.plain(), *row, (frame, &unions, scratch)));
            let piece = piece.flatten();
            let shown = match &piece {
                Some(piece) => Some(piece.source()),
                None => part.segment.source_geometry(*row),
            };
            let computed = (0..faces.fields.len())
                .filter(|place| bits::has(&plan.computed[*place], *row))
                .map(|place| {
                    let data_type = part.segment.data_type(faces.fields[place]);
                    (place, frame.measure(shown.as_ref(), data_type))
                })
                .collect();
            Made {
                row: *row,
                piece,
                computed,
            }
        })
        .collect()
}

/// How the storage CRS lies to the grid and to the Earth.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) grid: StorageFrame,
    measures: Option<Measures>,
}

impl Frame {
    /// `None` for a CRS that cannot be transformed, of which no layer is.
    pub(super) fn of(crs: Crs) -> Option<Self> {
        Some(Self {
            grid: StorageFrame::new(crs).ok()?,
            measures: Measures::new(crs).ok(),
        })
    }

    /// Square metres of a surface, metres of a line: whole ones for a property of integers.
    fn measure(&self, geometry: Option<&SourceGeometry<'_>>, data_type: DataType) -> Number {
        let measured = geometry
            .zip(self.measures.as_ref())
            .and_then(
                |(g, measures)| match g.paths().iter().map(|p| p.dimension).max() {
                    Some(2) => measures.area_m2(g),
                    Some(1) => measures.length_m(g),
                    _ => None,
                },
            );
        match (measured, data_type) {
            (Some(v), DataType::Number) => Number::Float(v),
            (Some(v), DataType::Integer) => Number::Int(v.round() as i64),
            _ => Number::None,
        }
    }
}

/// Areas of several slices together, each made once.
#[derive(Debug, Default)]
pub(super) struct Unions(Mutex<HashMap<Vec<usize>, Option<Arc<PreparedRegion>>>>);

impl Unions {
    fn of(&self, faces: &Faces<'_>, slices: Vec<usize>) -> Option<Arc<PreparedRegion>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let make = |slices: &Vec<usize>| {
            areas::union(slices.iter().map(|s| &faces.areas[*s])).map(Arc::new)
        };
        if let Some(region) = known.get(&slices) {
            return region.clone();
        }
        let region = make(&slices);
        known.insert(slices, region.clone());
        region
    }
}

impl Plan {
    /// What slices of which each cuts a row show of it together.
    pub(super) fn piece(
        &self,
        part: &Part,
        faces: &Faces<'_>,
        slices: impl Iterator<Item = usize>,
        row: usize,
        (frame, unions, scratch): (&Frame, &Unions, &mut Scratch),
    ) -> Option<Clipped> {
        let mut cutting: Vec<usize> = Vec::new();
        for s in self.showing(slices, row) {
            let known = |other: &usize| faces.areas[*other].cuts_like(&faces.areas[s]);
            if !cutting.iter().any(known) {
                cutting.push(s);
            }
        }
        let first = self.matches[*cutting.first()?].piece(row);
        if cutting.len() > 1
            && let Some(source) = part.segment.source_geometry(row)
            && let Some(region) = unions.of(faces, cutting)
            && let Cut::Part(piece) = scratch.cut(&region, &source, &frame.grid)
        {
            return Some(piece);
        }
        // Alone, or where the areas have nothing in common but a border: at least this much is shown.
        first.cloned()
    }
}
