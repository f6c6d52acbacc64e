//! Which ids rows have, and the orders that follow: the public one, and that of the ids.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::build::{BuildError, BuildOptions, RowFault, RowRef, ordinal};
use super::chunk::{Chunk, RawValue};
use super::column::Column;
use super::ids::IdColumn;
use super::infer;
use super::names::ColumnName;
use super::order::SortKey;
use super::text::{Arena, TooMuchText};
use crate::model::id::IdStability;
use crate::model::{DataType, FeatureIdRef, ValueRef};

/// Which ids a layer has.
pub(super) struct IdChoice {
    source: IdSource,
    /// Ids are texts: integers among them are spelled out.
    as_text: bool,
    pub(super) repeat: bool,
}

enum IdSource {
    /// A property: its place, its cells' places by chunk, and whether its column holds the ids as they are.
    Property {
        place: usize,
        cells: Vec<Option<usize>>,
        as_it_is: bool,
    },
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
            return Self::declared(property, chunks, names, options, rows, faults);
        }
        let mut choice = Self {
            source: IdSource::File,
            as_text: false,
            repeat: false,
        };
        let complete = rows.iter().all(|row| is_id(choice.cell(chunks, *row)));
        if complete && !rows.is_empty() {
            choice.as_text = choice.any_text(chunks, rows);
            choice.repeat = !choice.repeats(chunks, rows).is_empty();
        }
        if !complete || choice.repeat || rows.is_empty() {
            choice.source = IdSource::Ordinal;
            choice.as_text = false;
        }
        Ok(choice)
    }

    /// Ids of the property that the publisher names. Its column holds them if it is of integers or texts; ids out of a column of
    /// another type (dates, integers among texts) are kept beside it.
    fn declared(
        property: &str,
        chunks: &[Chunk],
        names: &[ColumnName],
        options: &BuildOptions<'_>,
        rows: &mut Vec<RowRef>,
        faults: &mut Vec<RowFault>,
    ) -> Result<Self, BuildError> {
        let announced = options.announced.iter().any(|(name, _)| name == property);
        let found = names.iter().position(|n| n.name == property);
        let place = found
            .filter(|p| {
                announced || rows.is_empty() || names[*p].places.iter().any(Option::is_some)
            })
            .ok_or_else(|| BuildError::NoSuchId(property.to_owned()))?;
        let mut choice = Self {
            source: IdSource::Property {
                place,
                cells: names[place].places.clone(),
                as_it_is: false,
            },
            as_text: false,
            repeat: false,
        };
        rows.retain(|row| {
            let good = is_id(choice.cell(chunks, *row));
            if !good {
                faults.push(RowFault::MissingId {
                    ordinal: ordinal(chunks, *row),
                });
            }
            good
        });
        let data_type = infer::resolve(
            &names[place].cells(chunks, rows),
            names[place].hint,
            options.naive_offset,
        );
        choice.as_text = data_type == DataType::String || choice.any_text(chunks, rows);
        if let IdSource::Property { as_it_is, .. } = &mut choice.source {
            *as_it_is = matches!(data_type, DataType::Integer | DataType::String);
        }
        choice.drop_repeats(chunks, rows, faults);
        Ok(choice)
    }

    fn cell<'a>(&self, chunks: &'a [Chunk], (c, r): RowRef) -> RawValue<'a> {
        let chunk = &chunks[c as usize];
        match &self.source {
            IdSource::Property { cells, .. } => {
                cells[c as usize].map_or(RawValue::Null, |p| chunk.columns[p].get(r as usize))
            }
            IdSource::File => chunk.ids.get(r as usize),
            IdSource::Ordinal => RawValue::Int(chunk.ordinals[r as usize].into()),
        }
    }

    fn any_text(&self, chunks: &[Chunk], rows: &[RowRef]) -> bool {
        rows.iter()
            .any(|row| matches!(self.cell(chunks, *row), RawValue::Text(_)))
    }

    /// Rows whose id an earlier row has already. Texts are compared as they are spelled: 1 and "1" are one id.
    fn repeats(&self, chunks: &[Chunk], rows: &[RowRef]) -> hashbrown::HashSet<RowRef> {
        let mut ints = hashbrown::HashSet::new();
        let mut texts = hashbrown::HashSet::new();
        let repeats = rows
            .iter()
            .copied()
            .filter(|row| match self.cell(chunks, *row) {
                RawValue::Int(i) if !self.as_text => !ints.insert(i),
                value => !texts.insert(spelled(value)),
            });
        repeats.collect()
    }

    fn drop_repeats(&self, chunks: &[Chunk], rows: &mut Vec<RowRef>, faults: &mut Vec<RowFault>) {
        let repeats = self.repeats(chunks, rows);
        rows.retain(|row| {
            let repeated = repeats.contains(row);
            if repeated {
                faults.push(RowFault::DuplicateId {
                    ordinal: ordinal(chunks, *row),
                    id: spelled(self.cell(chunks, *row)).into_owned(),
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
        if let IdSource::Property {
            place,
            as_it_is: true,
            ..
        } = self.source
        {
            return Ok(IdColumn::Property(place));
        }
        if self.as_text {
            let texts: Vec<_> = rows
                .iter()
                .map(|row| spelled(self.cell(chunks, *row)))
                .collect();
            return Ok(IdColumn::Text(Arc::new(Arena::build(
                texts.iter().map(|t| &**t),
            )?)));
        }
        let ints = rows.iter().map(|row| match self.cell(chunks, *row) {
            RawValue::Int(i) => i,
            _ => 0,
        });
        Ok(match self.source {
            IdSource::Ordinal => {
                IdColumn::Small(Arc::new(ints.map(|i| i as u32).collect::<Vec<_>>().into()))
            }
            _ => IdColumn::Int(Arc::new(ints.collect::<Vec<_>>().into())),
        })
    }

    /// The property that gives the ids, by its place.
    pub(super) fn property(&self) -> Option<usize> {
        match self.source {
            IdSource::Property { place, .. } => Some(place),
            IdSource::File | IdSource::Ordinal => None,
        }
    }

    pub(super) fn stability(&self) -> IdStability {
        match self.source {
            IdSource::Property { .. } => IdStability::Declared,
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

/// Bytes of an id at most: it stands in URLs, which proxies cut at 8 KiB, and may take three bytes for each there.
const MAX_ID_BYTES: usize = 1024;

/// True for what can be the last segment of a URL: an integer, or a text without control characters that clients do not take for a
/// step in the path.
fn is_id(value: RawValue<'_>) -> bool {
    match value {
        RawValue::Int(_) => true,
        RawValue::Text(t) => {
            let length = 1..=MAX_ID_BYTES;
            length.contains(&t.len())
                && !t.chars().any(char::is_control)
                && !matches!(t, "." | "..")
        }
        _ => false,
    }
}

fn spelled(value: RawValue<'_>) -> Cow<'_, str> {
    match value {
        RawValue::Int(i) => i.to_string().into(),
        RawValue::Text(t) => t.into(),
        _ => "".into(),
    }
}

pub(super) fn order_by_id(column: &IdColumn, columns: &[Column], rows: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    match column {
        IdColumn::Small(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        IdColumn::Int(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        // They are looked for one by one.
        IdColumn::Given(..) => order.clear(),
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
