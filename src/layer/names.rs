//! Which columns a layer has, where each chunk keeps them, and who types them.

use hashbrown::HashMap;

use super::build::{BuildOptions, DeclaredField, RowFault, RowRef, ordinal};
use super::chunk::{Chunk, RawColumn, RawValue};
use super::infer::{self, Cells, TypeHint};
use crate::model::{DataType, Field};

/// A column's name, where it is in each chunk, and who types it.
pub(super) struct ColumnName {
    pub(super) name: String,
    pub(super) places: Vec<Option<usize>>,
    pub(super) hint: TypeHint,
}

impl ColumnName {
    fn columns<'a>(&self, chunks: &'a [Chunk]) -> Vec<Option<&'a RawColumn>> {
        self.places
            .iter()
            .zip(chunks)
            .map(|(place, chunk)| place.map(|p| &chunk.columns[p]))
            .collect()
    }

    /// Its cells in `rows`.
    pub(super) fn cells<'a>(&self, chunks: &'a [Chunk], rows: &'a [RowRef]) -> Cells<'a> {
        Cells {
            all: chunks.iter().map(Chunk::rows).sum::<usize>() == rows.len(),
            by_chunk: self.columns(chunks),
            rows,
        }
    }

    pub(super) fn cell<'a>(&self, chunks: &'a [Chunk], (c, r): RowRef) -> RawValue<'a> {
        self.places[c as usize].map_or(RawValue::Null, |p| {
            chunks[c as usize].columns[p].get(r as usize)
        })
    }

    pub(super) fn field(&self, data_type: DataType, declared: &[DeclaredField]) -> Field {
        let mut field = Field::new(&self.name, data_type);
        if let Some(d) = declared.iter().find(|d| d.name == self.name) {
            field.title.clone_from(&d.title);
            field.description.clone_from(&d.description);
            field.codes.clone_from(&d.codes);
        }
        field
    }
}

/// All columns: those that the file announces, then those met in the rows, then those that are only declared.
pub(super) fn column_names(chunks: &[Chunk], options: &BuildOptions<'_>) -> Vec<ColumnName> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut names: Vec<ColumnName> = Vec::new();
    let add = |name: &str, announced: Option<DataType>| -> ColumnName {
        let declared = options
            .declared
            .iter()
            .find(|d| d.name == name)
            .and_then(|d| d.data_type);
        ColumnName {
            name: name.to_owned(),
            places: vec![None; chunks.len()],
            hint: match (declared, announced) {
                (Some(t), _) => TypeHint::Declared(t),
                (None, Some(t)) => TypeHint::File(t),
                (None, None) => TypeHint::None,
            },
        }
    };
    let met = chunks
        .iter()
        .flat_map(|c| c.names.iter().map(|n| (&**n, None)));
    let announced = options.announced.iter().map(|(n, t)| (n.as_str(), *t));
    let declared = options.declared.iter().map(|d| (d.name.as_str(), None));
    for (name, data_type) in announced.chain(met).chain(declared) {
        index.entry(name).or_insert_with(|| {
            names.push(add(name, data_type));
            names.len() - 1
        });
    }
    for (c, chunk) in chunks.iter().enumerate() {
        for (place, name) in chunk.names.iter().enumerate() {
            names[index[&**name]].places[c] = Some(place);
        }
    }
    names
}

pub(super) fn drop_rows_of_wrong_type(
    chunks: &[Chunk],
    names: &[ColumnName],
    options: &BuildOptions<'_>,
    rows: &mut Vec<RowRef>,
    faults: &mut Vec<RowFault>,
) {
    for name in names {
        let TypeHint::Declared(data_type) = name.hint else {
            continue;
        };
        rows.retain(|row| {
            let fits = infer::fits(name.cell(chunks, *row), data_type, options.naive_offset);
            if !fits {
                faults.push(RowFault::NotOfType {
                    ordinal: ordinal(chunks, *row),
                    field: name.name.clone(),
                    data_type,
                });
            }
            fits
        });
    }
}
