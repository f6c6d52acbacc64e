//! From chunks in file order to a segment in public order.

use std::sync::Arc;

use rayon::prelude::*;

use super::blocks::Blocks;
use super::chunk::{Chunk, RawColumn};
use super::column::Column;
use super::gather::{gather_grid, gather_source, geometry_of};
use super::identify::{IdChoice, order_by_id, sort_rows};
use super::ids::Ids;
use super::infer::{self, NaiveOffset};
use super::names::{column_names, drop_rows_of_wrong_type};
use super::part::Part;
use super::segment::Segment;
use super::text::TooMuchText;
use crate::model::id::IdStability;
use crate::model::{DataType, Field, Schema};

/// What is known of a layer besides its rows.
pub(crate) struct BuildOptions<'a> {
    /// Fields as the publisher declared them: titles, descriptions, and types where given.
    pub(crate) declared: &'a [DeclaredField],
    /// Columns that the file itself announces, with their types, in its order.
    pub(crate) announced: &'a [(String, Option<DataType>)],
    /// What the file calls the geometry.
    pub(crate) geometry_column: Option<&'a str>,
    /// Ceiling on columns, counted over the whole layer.
    pub(crate) max_columns: usize,
    /// The property that gives the id.
    pub(crate) feature_id: Option<&'a str>,
    /// See [`NaiveOffset`].
    pub(crate) naive_offset: &'a NaiveOffset,
}

/// What a publisher says of a field. Later forms of the type may be narrower than the file's.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeclaredField {
    /// The property.
    pub name: String,
    /// Its type; inferred or taken from the file if absent.
    pub data_type: Option<DataType>,
    /// Title for people.
    pub title: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Meaning of codes.
    pub codes: std::collections::BTreeMap<String, String>,
}

/// A row that could not be kept, by its place in the file (from 1).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RowFault {
    /// The declared id is null, or neither an integer nor a text.
    MissingId { ordinal: u32 },
    /// Another row has that id already.
    DuplicateId { ordinal: u32, id: String },
    /// A value is not of the declared type.
    NotOfType {
        ordinal: u32,
        field: String,
        data_type: DataType,
    },
}

/// A finished segment.
pub(crate) struct Built {
    pub(crate) part: Part,
    pub(crate) schema: Schema,
    pub(crate) id_stability: IdStability,
    /// The property that gives the ids, by its place in the schema.
    pub(crate) id_field: Option<usize>,
    pub(crate) faults: Vec<RowFault>,
    /// The file's own ids were there but not unique, so places are used instead.
    pub(crate) source_ids_repeat: bool,
}

impl Built {
    /// Number of rows kept.
    pub(crate) fn rows(&self) -> usize {
        self.part.len()
    }
}

/// Why no layer came out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum BuildError {
    /// See [`TooMuchText`].
    #[error("the texts of one column do not fit in 4 GiB: split the layer into several files")]
    TooMuchText,
    /// More than `u32::MAX` vertices or counts.
    #[error("the layer has more than 4,294,967,295 vertices: split it into several files")]
    TooManyVertices,
    /// More columns than the ceiling.
    #[error("the layer has {0} columns")]
    TooManyColumns(usize),
    /// The declared id is no property of the layer.
    #[error("the layer has no property \"{0}\", which feature_id names")]
    NoSuchId(String),
}

impl From<TooMuchText> for BuildError {
    fn from(_: TooMuchText) -> Self {
        Self::TooMuchText
    }
}

pub(super) type RowRef = (u32, u32);

/// Builds a segment out of `chunks`, which are in the order of the file.
pub(crate) fn build(
    mut chunks: Vec<Chunk>,
    options: &BuildOptions<'_>,
) -> Result<Built, BuildError> {
    let vertices: usize = chunks.iter().map(|c| c.shapes.xy.len()).sum();
    if vertices > u32::MAX as usize {
        return Err(BuildError::TooManyVertices);
    }
    let mut rows: Vec<RowRef> = chunks
        .iter()
        .enumerate()
        .flat_map(|(c, chunk)| {
            let kept = (0..chunk.rows() as u32).filter(|r| !chunk.gone.contains(*r));
            kept.map(move |r| (c as u32, r))
        })
        .collect();
    let names = column_names(&chunks, options);
    if names.len() > options.max_columns {
        return Err(BuildError::TooManyColumns(names.len()));
    }
    let mut faults = Vec::new();
    drop_rows_of_wrong_type(&chunks, &names, options, &mut rows, &mut faults);
    let ids = IdChoice::make(&chunks, &names, options, &mut rows, &mut faults)?;

    sort_rows(&chunks, &ids, &mut rows);
    let located = rows
        .partition_point(|(c, r)| !chunks[*c as usize].shapes.grid.bbox[*r as usize].is_empty());

    let columns: Vec<(Field, Column)> = names
        .par_iter()
        .map(|name| {
            let cells = name.cells(&chunks, &rows);
            let data_type = infer::resolve(&cells, name.hint, options.naive_offset);
            let column = infer::column(&cells, data_type, options.naive_offset)?;
            Ok((name.field(data_type, options.declared), column))
        })
        .collect::<Result<_, BuildError>>()?;
    let (fields, columns): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    let id_column = ids.column(&chunks, &rows)?;
    for chunk in &mut chunks {
        chunk.columns = Vec::new();
        chunk.ids = RawColumn::default();
    }
    let source = gather_source(&chunks, &rows);
    let grid = gather_grid(&chunks, &rows[..located]);
    drop(chunks);

    let by_id = order_by_id(&id_column, &columns, rows.len());
    let segment = Segment {
        rows: rows.len(),
        located,
        blocks: Arc::new(Blocks::build(&grid, located)),
        columns,
        source: Arc::new(source),
        grid: Arc::new(grid),
        ids: Ids {
            column: id_column,
            by_id: Arc::new(by_id.into()),
        },
    };
    let part = Part::whole(segment);
    let (geometry_kinds, has_z, has_m) = geometry_of(std::slice::from_ref(&part));
    Ok(Built {
        part,
        schema: Schema {
            fields,
            geometry_kinds,
            geometry_column: options.geometry_column.map(str::to_owned),
            has_z,
            has_m,
        },
        id_stability: ids.stability(),
        id_field: ids.property(),
        faults,
        source_ids_repeat: ids.repeat,
    })
}

pub(super) fn ordinal(chunks: &[Chunk], (c, r): RowRef) -> u32 {
    chunks[c as usize].ordinals[r as usize]
}
