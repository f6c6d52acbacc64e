//! What a view has of its own: ids, and the segment of what it cannot share.

use hashbrown::HashSet;
use rayon::prelude::*;

use super::bits;
use super::cells::{CellColumns, Shape};
use super::ids;
use super::made::Showing;
use super::plan::Faces;
use crate::catalog::entry::LayerEntry;
use crate::layer::{AssembleError, Cell, NewRow, RowKey, RowSet, Rows, Segment, content_hash};
use crate::model::{DataType, FeatureId, FeatureIdRef, ValueRef};

/// Rows that a view makes, and the ids that it gives.
pub(super) struct Own<'a> {
    entry: &'a LayerEntry,
    faces: &'a Faces<'a>,
    showing: &'a [Showing<'a>],
    columns: &'a CellColumns,
    cells: &'a [Shape],
    /// For each part the ids of its rows that are shown, in their order; none where the layer's are kept.
    ids: Option<Vec<Vec<i64>>>,
    cell_ids: Vec<FeatureId>,
}

impl<'a> Own<'a> {
    pub(super) fn new(
        entry: &'a LayerEntry,
        faces: &'a Faces<'a>,
        showing: &'a [Showing<'a>],
        keeps_ids: bool,
        key: &[u8; 32],
        (columns, cells): (&'a CellColumns, &'a [Shape]),
    ) -> Self {
        let ids = (!keeps_ids).then(|| content_ids(showing, faces, key));
        let mut own = Self {
            entry,
            faces,
            showing,
            columns,
            cells,
            ids,
            cell_ids: Vec::new(),
        };
        own.cell_ids = own.ids_of_cells(key);
        own
    }

    /// The ids that the view gives to the rows of a part, in the order of those that are shown.
    pub(super) fn ids_of(&self, part: usize) -> Option<&[i64]> {
        self.ids.as_ref().map(|ids| &*ids[part])
    }

    /// Codes, or numbers that stand for them where features have numbers.
    fn ids_of_cells(&self, key: &[u8; 32]) -> Vec<FeatureId> {
        let codes = super::cells::ids(self.cells);
        let parts = self.entry.layer.parts();
        let numbers = self.ids.is_some() || parts.iter().all(|p| p.segment.ids_are_integers());
        if !numbers || self.faces.plain().next().is_none() {
            return codes.into_iter().map(FeatureId::Text).collect();
        }
        let mut taken: HashSet<i64> = self.ids.iter().flatten().flatten().copied().collect();
        let is_shown = |id: i64| {
            self.ids.is_none()
                && self.showing.iter().any(|s| {
                    let row = s.part.find(FeatureIdRef::Int(id));
                    row.is_some_and(|row| bits::has(&s.plan.plain, row))
                })
        };
        let number = |code: String| {
            let mut attempt = 0;
            loop {
                let id = ids::of_bytes(key, format!("{code} {attempt}").as_bytes());
                if !is_shown(id) && taken.insert(id) {
                    return FeatureId::Int(id);
                }
                attempt += 1;
            }
        };
        codes.into_iter().map(number).collect()
    }

    /// The segment of the rows that are made, and of the cells; none if there are none.
    pub(super) fn segment(&self) -> Result<Option<Segment>, AssembleError> {
        let mut rows: Vec<NewRow<'_>> = Vec::new();
        let mut origin: Vec<(usize, usize)> = Vec::new();
        for (i, s) in self.showing.iter().enumerate() {
            let plain = RowSet::of_words(s.plan.plain.iter().copied());
            for (m, made) in s.made.iter().enumerate() {
                let id = match self.ids_of(i) {
                    Some(ids) => FeatureIdRef::Int(ids[plain.rank(made.row)]),
                    None => s.part.segment.id(made.row),
                };
                rows.push(s.as_new(made, id));
                origin.push((i, m));
            }
        }
        for (cell, id) in self.cells.iter().zip(&self.cell_ids) {
            rows.push(NewRow {
                id: id.as_ref(),
                source: Some(cell.polygon.source()),
                flags: 0,
                paths: cell.polygon.paths(),
                bbox: Some(cell.polygon.bbox()),
            });
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let fields = &self.faces.fields;
        let types: Vec<DataType> = self.types().chain(self.columns.types()).collect();
        // The ids of cells are in no column of the layer.
        let id_property = (self.ids.is_none() && self.cells.is_empty()).then(|| {
            self.showing
                .iter()
                .find_map(|s| s.part.segment.id_property())
        });
        let id_property = id_property
            .flatten()
            .and_then(|field| fields.iter().position(|f| *f == field));
        let value = |row: usize, place: usize| match (origin.get(row), place < fields.len()) {
            (Some((i, m)), true) => {
                let s = &self.showing[*i];
                s.made_value(self.faces, &s.made[*m], place)
            }
            (None, false) => self.cells[row - origin.len()].value(place - fields.len()),
            _ => ValueRef::Null,
        };
        Segment::assemble(&rows, &types, id_property, value).map(Some)
    }

    /// The types of the properties that are shown, as they are stored.
    fn types(&self) -> impl Iterator<Item = DataType> + '_ {
        let layer = &self.entry.layer;
        self.faces
            .fields
            .iter()
            .map(move |field| match layer.parts().first() {
                Some(part) => part.segment.data_type(*field),
                None => layer.schema().fields[*field].data_type,
            })
    }
}

/// For each part the ids of its rows that are shown, in their order.
fn content_ids(showing: &[Showing<'_>], faces: &Faces<'_>, key: &[u8; 32]) -> Vec<Vec<i64>> {
    let fields = faces.fields.len();
    let row_key = RowKey::of(key);
    let of_row = |s: &Showing<'_>, row: usize, buffer: &mut Vec<u8>| match s.made_of(row) {
        Some(made) => {
            let cells = (0..fields).map(|place| Cell::Value(s.made_value(faces, made, place)));
            content_hash(&row_key, cells, s.made_geometry(made), buffer)
        }
        None => {
            let segment = &*s.part.segment;
            let cells = (0..fields).map(|place| {
                if bits::has(&s.plan.given[place], row) {
                    Cell::Of(segment, row, faces.fields[place])
                } else {
                    Cell::Value(ValueRef::Null)
                }
            });
            content_hash(&row_key, cells, segment.source_geometry(row), buffer)
        }
    };
    let contents: Vec<Vec<u128>> = showing
        .iter()
        .map(|s| {
            let rows: Vec<usize> = bits::rows(&s.plan.plain).collect();
            let hash = |buffer: &mut Vec<u8>, row: &usize| of_row(s, *row, buffer);
            rows.par_iter().map_init(Vec::new, hash).collect()
        })
        .collect();
    let mut ids = ids::of_contents(key, &contents.concat()).into_iter();
    let lengths = contents.iter().map(Vec::len);
    lengths.map(|n| ids.by_ref().take(n).collect()).collect()
}
