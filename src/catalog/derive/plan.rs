//! Who shows what: the slices of a view brought together, row by row and property by property.

use super::areas::SliceAreas;
use super::bits::{self, Bits};
use super::matching::{self, Match};
use crate::access::{Derived, Precision, Slice};
use crate::geometry::region::StorageFrame;
use crate::layer::Part;

/// What the slices of a view have in common for all parts of a layer.
#[derive(Debug)]
pub(super) struct Faces<'a> {
    pub(super) slices: &'a [Slice],
    /// For each slice.
    pub(super) areas: Vec<SliceAreas>,
    /// The properties that are shown, by their place in the layer's schema, in the order in which they are declared: that of the layer may be
    /// the order in which its rows have them, the hidden ones too.
    pub(super) fields: Vec<usize>,
    /// The precisions, from the finest to the coarsest.
    pub(super) precisions: Vec<&'a Precision>,
}

impl<'a> Faces<'a> {
    /// `rank` says for each property of the layer where it stands among the declared ones.
    pub(super) fn of(slices: &'a [Slice], rank: impl Fn(usize) -> usize) -> Self {
        let plain = slices.iter().filter(|s| s.precision.is_none());
        let mut fields: Vec<usize> = plain.flat_map(|s| s.attributes.iter().copied()).collect();
        if crate::leak!("schema-of-the-layer") {
            fields.extend(0..fields.iter().max().map_or(0, |last| *last));
        }
        if crate::leak!("columns-as-in-the-layer") {
            fields.sort_unstable();
        } else {
            fields.sort_unstable_by_key(|f| (rank(*f), *f));
        }
        fields.dedup();
        let mut precisions: Vec<&Precision> =
            slices.iter().filter_map(|s| s.precision.as_ref()).collect();
        precisions.sort_unstable();
        precisions.dedup();
        Self {
            slices,
            areas: SliceAreas::of_all(slices),
            fields,
            precisions,
        }
    }

    /// Slices that show features as such.
    pub(super) fn plain(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.slices.len()).filter(|s| self.slices[*s].precision.is_none())
    }

    /// Slices that show cells of that precision.
    pub(super) fn of_precision(&self, precision: usize) -> impl Iterator<Item = usize> + '_ {
        let wanted = self.precisions[precision];
        (0..self.slices.len()).filter(move |s| self.slices[*s].precision.as_ref() == Some(wanted))
    }

    /// True if each slice that shows features shows that property of all of them.
    pub(super) fn shows_everywhere(&self, field: usize) -> bool {
        self.plain().all(|s| {
            let slice = &self.slices[s];
            slice.attributes.contains(&field) && slice.derived.iter().all(|(f, _)| *f != field)
        })
    }
}

/// What is shown of the rows of a part.
#[derive(Debug)]
pub(super) struct Plan {
    /// For each slice.
    pub(super) matches: Vec<Match>,
    /// Rows that are shown as features.
    pub(super) plain: Bits,
    /// Those among them of which some slice shows the geometry whole.
    pub(super) whole: Bits,
    /// For each property that is shown: the rows that show their value.
    pub(super) given: Vec<Bits>,
    /// For each of them: the rows whose value is computed from the geometry that is shown.
    pub(super) computed: Vec<Bits>,
    /// For each precision: the rows that are counted in its cells.
    pub(super) coarse: Vec<Bits>,
}

impl Plan {
    pub(super) fn of(part: &Part, faces: &Faces<'_>, frame: &StorageFrame) -> Self {
        let find = |(slice, areas)| matching::find(part, slice, areas, frame);
        let matches: Vec<Match> = faces.slices.iter().zip(&faces.areas).map(find).collect();
        let mut plan = Self {
            matches,
            plain: bits::none(part),
            whole: bits::none(part),
            given: vec![bits::none(part); faces.fields.len()],
            computed: vec![bits::none(part); faces.fields.len()],
            coarse: Vec::new(),
        };
        for s in faces.plain() {
            plan.add_plain(s, faces);
        }
        for (computed, given) in plan.computed.iter_mut().zip(&plan.given) {
            bits::remove(computed, given);
        }
        if crate::leak!("cell-mask-ignored") {
            let all = plan.plain.clone();
            plan.given.iter_mut().for_each(|g| g.clone_from(&all));
        }
        let mut seen = plan.plain.clone();
        for precision in 0..faces.precisions.len() {
            let mut rows = bits::none(part);
            for s in faces.of_precision(precision) {
                bits::add(&mut rows, &plan.matches[s].rows);
            }
            bits::remove(&mut rows, &seen);
            bits::add(&mut seen, &rows);
            plan.coarse.push(rows);
        }
        plan
    }

    fn add_plain(&mut self, s: usize, faces: &Faces<'_>) {
        let (slice, found) = (&faces.slices[s], &self.matches[s]);
        let uncut = bits::without(&found.rows, &found.cut);
        bits::add(&mut self.plain, &found.rows);
        bits::add(&mut self.whole, &uncut);
        for (place, field) in faces.fields.iter().enumerate() {
            if slice.attributes.binary_search(field).is_err() {
                continue;
            }
            match slice.derived.iter().find(|(f, _)| f == field) {
                Some(_) if crate::leak!("derived-of-the-whole") => {
                    bits::add(&mut self.given[place], &found.rows);
                }
                None => bits::add(&mut self.given[place], &found.rows),
                Some((_, derived)) => {
                    bits::add(&mut self.given[place], &uncut);
                    if *derived == Derived::Recompute {
                        bits::add(&mut self.computed[place], &found.cut);
                    }
                }
            }
        }
    }

    /// The slices among `of` that show a row.
    pub(super) fn showing(&self, of: impl Iterator<Item = usize>, row: usize) -> Vec<usize> {
        of.filter(|s| bits::has(&self.matches[*s].rows, row))
            .collect()
    }
}
