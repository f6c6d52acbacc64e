//! Which ids rows have, and the orders that follow: the public one, and that of the ids.

use rayon::prelude::*;

use super::build::{BuildError, BuildOptions, RowFault, RowRef, ordinal};
use super::chunk::{Chunk, RawValue};
use super::column::Column;
use super::ids::IdColumn;
use super::names::ColumnName;
use super::order::SortKey;
use super::text::{Arena, TooMuchText};
use crate::model::id::IdStability;
use crate::model::{FeatureIdRef, ValueRef};

/// Which ids a layer has.
pub(super) struct IdChoice {
    source: IdSource,
    /// Ids are texts: integers among them are spelled out.
    as_text: bool,
    pub(super) repeat: bool,
}

enum IdSource {
    /// Place of the property, and its cells' places by chunk.
    Property(usize, Vec<Option<usize>>),
    File,
    Ordinal,
}

impl IdChoice {
    pub(super) fn make(
        chunks: &[Chunk],
        names: &[ColumnName],
        options: &BuildOptions<'_>,
        rows: &mut Vec<RowRef>,
        faults: &mut Vec<RowFault>,
    ) -> Result<Self, BuildError> {
        if let Some(property) = options.feature_id {
            let place = names
                .iter()
                .position(|n| n.name == property)
                .ok_or_else(|| BuildError::NoSuchId(property.to_owned()))?;
            let mut choice = Self {
                source: IdSource::Property(place, names[place].places.clone()),
                as_text: false,
                repeat: false,
            };
            choice.drop_bad_rows(chunks, rows, faults);
            choice.as_text = choice.any_text(chunks, rows);
            return Ok(choice);
        }
        let mut choice = Self {
            source: IdSource::File,
            as_text: false,
            repeat: false,
        };
        let complete = rows.iter().all(|row| {
            matches!(
                choice.cell(chunks, *row),
                RawValue::Int(_) | RawValue::Text(_)
            )
        });
        if complete && !rows.is_empty() {
            choice.as_text = choice.any_text(chunks, rows);
            let repeat = choice.first_repeats(chunks, rows).next().is_some();
            choice.repeat = repeat;
        }
        if !complete || choice.repeat || rows.is_empty() {
            choice.source = IdSource::Ordinal;
            choice.as_text = false;
        }
        Ok(choice)
    }

    fn cell<'a>(&self, chunks: &'a [Chunk], (c, r): RowRef) -> RawValue<'a> {
        let chunk = &chunks[c as usize];
        match &self.source {
            IdSource::Property(_, places) => {
                places[c as usize].map_or(RawValue::Null, |p| chunk.columns[p].get(r as usize))
            }
            IdSource::File => chunk.ids.get(r as usize),
            IdSource::Ordinal => RawValue::Int(chunk.ordinals[r as usize].into()),
        }
    }

    fn any_text(&self, chunks: &[Chunk], rows: &[RowRef]) -> bool {
        rows.iter()
            .any(|row| matches!(self.cell(chunks, *row), RawValue::Text(_)))
    }

    /// Rows whose id an earlier row has already.
    fn first_repeats<'a>(
        &'a self,
        chunks: &'a [Chunk],
        rows: &'a [RowRef],
    ) -> impl Iterator<Item = RowRef> + 'a {
        let mut ints = hashbrown::HashSet::new();
        let mut texts = hashbrown::HashSet::new();
        rows.iter()
            .copied()
            .filter(move |row| match self.cell(chunks, *row) {
                RawValue::Int(i) => !ints.insert(i),
                RawValue::Text(t) => !texts.insert(t),
                _ => false,
            })
    }

    fn drop_bad_rows(&self, chunks: &[Chunk], rows: &mut Vec<RowRef>, faults: &mut Vec<RowFault>) {
        rows.retain(|row| {
            let good = match self.cell(chunks, *row) {
                RawValue::Int(_) => true,
                RawValue::Text(t) => !t.is_empty(),
                _ => false,
            };
            if !good {
                faults.push(RowFault::MissingId {
                    ordinal: ordinal(chunks, *row),
                });
            }
            good
        });
        let repeats: hashbrown::HashSet<RowRef> = self.first_repeats(chunks, rows).collect();
        rows.retain(|row| {
            let repeated = repeats.contains(row);
            if repeated {
                let id = match self.cell(chunks, *row) {
                    RawValue::Int(i) => i.to_string(),
                    RawValue::Text(t) => t.to_owned(),
                    _ => String::new(),
                };
                faults.push(RowFault::DuplicateId {
                    ordinal: ordinal(chunks, *row),
                    id,
                });
            }
            !repeated
        });
    }

    pub(super) fn column(
        &self,
        chunks: &[Chunk],
        rows: &[RowRef],
    ) -> Result<IdColumn, TooMuchText> {
        if let IdSource::Property(place, _) = self.source {
            return Ok(IdColumn::Property(place));
        }
        if self.as_text {
            let texts: Vec<String> = rows
                .iter()
                .map(|row| match self.cell(chunks, *row) {
                    RawValue::Text(t) => t.to_owned(),
                    RawValue::Int(i) => i.to_string(),
                    _ => String::new(),
                })
                .collect();
            return Ok(IdColumn::Text(Arena::build(
                texts.iter().map(String::as_str),
            )?));
        }
        let ints = rows.iter().map(|row| match self.cell(chunks, *row) {
            RawValue::Int(i) => i,
            _ => 0,
        });
        Ok(match self.source {
            IdSource::Ordinal => IdColumn::Small(ints.map(|i| i as u32).collect::<Vec<_>>().into()),
            _ => IdColumn::Int(ints.collect::<Vec<_>>().into()),
        })
    }

    pub(super) fn stability(&self) -> IdStability {
        match self.source {
            IdSource::Property(..) => IdStability::Declared,
            IdSource::File => IdStability::Source,
            IdSource::Ordinal => IdStability::Positional,
        }
    }
}

/// Public order: Hilbert key of the box, then id.
pub(super) fn sort_rows(chunks: &[Chunk], ids: &IdChoice, rows: &mut [RowRef]) {
    let key = |(c, r): RowRef| {
        let bbox = &chunks[c as usize].shapes.grid.bbox[r as usize];
        if bbox.is_empty() {
            SortKey::UNLOCATED
        } else {
            SortKey::of(bbox)
        }
    };
    let mut keyed: Vec<(SortKey, RowRef)> = rows.par_iter().map(|row| (key(*row), *row)).collect();
    keyed.par_sort_unstable_by(|a, b| {
        a.0.cmp(&b.0)
            .then_with(|| match (ids.cell(chunks, a.1), ids.cell(chunks, b.1)) {
                (RawValue::Int(x), RawValue::Int(y)) if !ids.as_text => x.cmp(&y),
                (RawValue::Text(x), RawValue::Text(y)) => x.cmp(y),
                (x, y) => spelled(x).cmp(&spelled(y)),
            })
    });
    for (row, (_, sorted)) in rows.iter_mut().zip(keyed) {
        *row = sorted;
    }
}

fn spelled(v: RawValue<'_>) -> String {
    match v {
        RawValue::Int(i) => i.to_string(),
        RawValue::Text(t) => t.to_owned(),
        _ => String::new(),
    }
}

pub(super) fn order_by_id(column: &IdColumn, columns: &[Column], rows: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    match column {
        IdColumn::Small(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        IdColumn::Int(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        IdColumn::Text(ids) => {
            order.par_sort_unstable_by(|a, b| ids.get(*a as usize).cmp(ids.get(*b as usize)));
        }
        IdColumn::Property(place) => {
            let id = |r: u32| match columns[*place].get(r as usize) {
                ValueRef::Int(i) => FeatureIdRef::Int(i),
                ValueRef::Text(t) => FeatureIdRef::Text(t),
                _ => FeatureIdRef::Text(""),
            };
            order.par_sort_unstable_by(|a, b| id(*a).cmp(&id(*b)));
        }
    }
    order
}
