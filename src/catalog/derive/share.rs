//! What of a part is shared with the layer, and what is made anew.

use std::sync::Arc;

use rayon::prelude::*;

use super::bits::{self, Bits};
use super::made::{Made, Showing};
use super::piece::{Frame, made_rows};
use super::plan::{Faces, Plan};
use crate::layer::{NewColumn, Part, RowSet, SortKey};
use crate::model::DataType;

/// Of a part of which fewer than one row in this many is shown, the rows are copied: they lie side by side then, and masks and ids take
/// less than they would beside all rows of the part. Copies of 300 views that share a layer out among them cost as much as the layer.
const FEW: usize = 256;

impl<'a> Showing<'a> {
    pub(super) fn of(part: &'a Part, faces: &Faces<'_>, frame: &Frame) -> Self {
        let plan = Plan::of(part, faces, &frame.grid);
        let made = made_rows(part, &plan, faces, frame);
        let mut shared = plan.plain.clone();
        for m in &made {
            shared[m.row / 64] &= !(1 << (m.row % 64));
        }
        Self {
            part,
            plan,
            shared,
            made,
        }
    }

    /// Where ids are the view's own, rows of one place have another order than in the layer.
    pub(super) fn make_ties(&mut self) {
        let segment = &*self.part.segment;
        let rows: Vec<usize> = bits::rows(&self.shared).collect();
        let keys: Vec<SortKey> = rows
            .par_iter()
            .map(|row| segment.position(*row).key)
            .collect();
        let mut ties = bits::none(self.part);
        for (i, pair) in keys.windows(2).enumerate() {
            if pair[0] == pair[1] {
                bits::set(&mut ties, rows[i]);
                bits::set(&mut ties, rows[i + 1]);
            }
        }
        self.make(&ties);
    }

    /// Where few rows are left, they are copied.
    pub(super) fn make_if_few(&mut self, keeps_ids: bool) {
        let rows = bits::count(&self.shared);
        let segment = &self.part.segment;
        if rows == 0 {
            return;
        }
        let copied = segment.bytes() / segment.rows().max(1) * rows;
        let masked = |given: &&Bits| !bits::within(&self.shared, given);
        let masks = self.plan.given.iter().filter(masked).count() * segment.rows() / 8;
        let set = self.shared.iter().filter(|w| **w != 0).count() * 16;
        let ids = if keeps_ids { 0 } else { rows * 8 };
        if rows * FEW < segment.rows() || copied < set + masks + ids {
            let all = self.shared.clone();
            self.make(&all);
        }
    }

    fn make(&mut self, rows: &Bits) {
        if bits::is_empty(rows) {
            return;
        }
        bits::remove(&mut self.shared, rows);
        self.made.extend(bits::rows(rows).map(|row| Made {
            row,
            piece: None,
            computed: Vec::new(),
        }));
        self.made.sort_unstable_by_key(|m| m.row);
    }

    /// The rows that are shared, under those ids of all rows that are shown if not the layer's own. They have no values in the columns
    /// of cells.
    pub(super) fn shared_part(
        &self,
        faces: &Faces<'_>,
        ids: Option<&[i64]>,
        of_cells: impl Iterator<Item = DataType>,
    ) -> Option<Part> {
        if bits::is_empty(&self.shared) {
            return None;
        }
        let columns: Vec<NewColumn> = faces
            .fields
            .iter()
            .zip(&self.plan.given)
            .map(|(field, given)| {
                let mask = (!bits::within(&self.shared, given)).then(|| {
                    let mut mask = self.shared.clone();
                    bits::keep(&mut mask, given);
                    mask
                });
                NewColumn::Of(*field, mask)
            })
            .chain(of_cells.map(NewColumn::Null))
            .collect();
        let shared = RowSet::of_words(self.shared.iter().copied());
        let all_rows = shared.len() == self.part.segment.rows();
        let shared = Arc::new(shared);
        let mut segment = self.part.segment.with_columns(&columns);
        if let Some(ids) = ids {
            let plain = RowSet::of_words(self.plan.plain.iter().copied());
            let own = shared.iter().map(|row| ids[plain.rank(row)]).collect();
            segment = segment.with_ids(Arc::clone(&shared), own);
        }
        if crate::leak!("row-set-ignored") {
            return Some(Part::whole(segment));
        }
        Some(Part {
            segment: Arc::new(segment),
            rows: (!all_rows).then_some(shared),
        })
    }
}
