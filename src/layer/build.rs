//! From chunks in file order to a segment in public order.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::blocks::Blocks;
use super::chunk::{Chunk, RawColumn, RawValue};
use super::column::Column;
use super::ids::{IdColumn, Ids};
use super::infer::{self, Cells, NaiveOffset, TypeHint};
use super::order::SortKey;
use super::segment::Segment;
use super::shapes::{GridShapes, GridUniform, HAS_M, HAS_Z, KIND_MASK, SourceShapes};
use super::text::{Arena, TooMuchText};
use crate::geometry::source::GeometryKind;
use crate::model::id::IdStability;
use crate::model::{DataType, FeatureIdRef, Field, Schema};

/// What is known of a layer besides its rows.
pub(crate) struct BuildOptions<'a> {
    /// Fields as the publisher declared them: titles, descriptions, and types where given.
    pub(crate) declared: &'a [DeclaredField],
    /// Columns that the file itself announces, with their types, in its order.
    pub(crate) announced: &'a [(String, Option<DataType>)],
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
    pub(crate) segment: Segment,
    pub(crate) schema: Schema,
    pub(crate) id_stability: IdStability,
    pub(crate) faults: Vec<RowFault>,
    /// The file's own ids were there but not unique, so places are used instead.
    pub(crate) source_ids_repeat: bool,
}

impl Built {
    /// Number of rows kept.
    pub(crate) fn rows(&self) -> usize {
        self.segment.rows()
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
    /// The declared id is no property of the layer.
    #[error("the layer has no property \"{0}\", which feature_id names")]
    NoSuchId(String),
}

impl From<TooMuchText> for BuildError {
    fn from(_: TooMuchText) -> Self {
        Self::TooMuchText
    }
}

type RowRef = (u32, u32);

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
    let mut faults = Vec::new();
    drop_rows_of_wrong_type(&chunks, &names, options, &mut rows, &mut faults);
    let ids = IdChoice::make(&chunks, &names, options, &mut rows, &mut faults)?;

    sort_rows(&chunks, &ids, &mut rows);
    let located = rows
        .partition_point(|(c, r)| !chunks[*c as usize].shapes.grid.bbox[*r as usize].is_empty());

    let columns: Vec<(Field, Column)> = names
        .par_iter()
        .map(|name| {
            let cells = Cells {
                by_chunk: name.columns(&chunks),
                rows: &rows,
            };
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
    let (geometry_kinds, has_z, has_m) = kinds(&source, rows.len());
    let segment = Segment {
        rows: rows.len(),
        located,
        blocks: Blocks::build(&grid, located),
        columns,
        source,
        grid,
        ids: Ids {
            column: id_column,
            by_id: by_id.into(),
        },
    };
    Ok(Built {
        segment,
        schema: Schema {
            fields,
            geometry_kinds,
            has_z,
            has_m,
        },
        id_stability: ids.stability(),
        faults,
        source_ids_repeat: ids.repeat,
    })
}

/// A column's name, where it is in each chunk, and who types it.
struct ColumnName {
    name: String,
    places: Vec<Option<usize>>,
    hint: TypeHint,
}

impl ColumnName {
    fn columns<'a>(&self, chunks: &'a [Chunk]) -> Vec<Option<&'a RawColumn>> {
        self.places
            .iter()
            .zip(chunks)
            .map(|(place, chunk)| place.map(|p| &chunk.columns[p]))
            .collect()
    }

    fn cell<'a>(&self, chunks: &'a [Chunk], (c, r): RowRef) -> RawValue<'a> {
        self.places[c as usize].map_or(RawValue::Null, |p| {
            chunks[c as usize].columns[p].get(r as usize)
        })
    }

    fn field(&self, data_type: DataType, declared: &[DeclaredField]) -> Field {
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
fn column_names(chunks: &[Chunk], options: &BuildOptions<'_>) -> Vec<ColumnName> {
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

fn drop_rows_of_wrong_type(
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

fn ordinal(chunks: &[Chunk], (c, r): RowRef) -> u32 {
    chunks[c as usize].ordinals[r as usize]
}

/// Which ids a layer has.
struct IdChoice {
    source: IdSource,
    /// Ids are texts: integers among them are spelled out.
    as_text: bool,
    repeat: bool,
}

enum IdSource {
    /// Place of the property, and its cells' places by chunk.
    Property(usize, Vec<Option<usize>>),
    File,
    Ordinal,
}

impl IdChoice {
    fn make(
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

    fn column(&self, chunks: &[Chunk], rows: &[RowRef]) -> Result<IdColumn, TooMuchText> {
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

    fn stability(&self) -> IdStability {
        match self.source {
            IdSource::Property(..) => IdStability::Declared,
            IdSource::File => IdStability::Source,
            IdSource::Ordinal => IdStability::Positional,
        }
    }
}

/// Public order: Hilbert key of the box, then id.
fn sort_rows(chunks: &[Chunk], ids: &IdChoice, rows: &mut [RowRef]) {
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

fn order_by_id(column: &IdColumn, columns: &[Column], rows: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..rows as u32).collect();
    match column {
        IdColumn::Small(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        IdColumn::Int(ids) => order.par_sort_unstable_by_key(|r| ids[*r as usize]),
        IdColumn::Text(ids) => {
            order.par_sort_unstable_by(|a, b| ids.get(*a as usize).cmp(ids.get(*b as usize)));
        }
        IdColumn::Property(place) => {
            let id = |r: u32| match columns[*place].get(r as usize) {
                crate::model::ValueRef::Int(i) => FeatureIdRef::Int(i),
                crate::model::ValueRef::Text(t) => FeatureIdRef::Text(t),
                _ => FeatureIdRef::Text(""),
            };
            order.par_sort_unstable_by(|a, b| id(*a).cmp(&id(*b)));
        }
    }
    order
}

fn kinds(source: &SourceShapes, rows: usize) -> (Vec<GeometryKind>, bool, bool) {
    let mut seen = [false; 256];
    match source.uniform {
        Some(shape) => seen[usize::from(shape)] = rows > 0,
        None => source
            .kinds
            .iter()
            .for_each(|k| seen[usize::from(*k)] = true),
    }
    let shapes = || (0u8..=255).filter(|s| seen[usize::from(*s)]);
    let mut kinds: Vec<GeometryKind> = shapes()
        .filter_map(|s| GeometryKind::from_number(s & KIND_MASK))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    (
        kinds,
        shapes().any(|s| s & HAS_Z != 0),
        shapes().any(|s| s & HAS_M != 0),
    )
}

/// Range of row `r` in a chunk's arena.
fn span(ends: &[u32], r: u32) -> std::ops::Range<usize> {
    let r = r as usize;
    let start = if r == 0 { 0 } else { ends[r - 1] };
    start as usize..ends[r] as usize
}

fn gather_source(chunks: &[Chunk], rows: &[RowRef]) -> SourceShapes {
    let vertices: usize = chunks.iter().map(|c| c.shapes.xy.len()).sum();
    let with_z = chunks.iter().any(|c| !c.shapes.z.is_empty());
    let with_m = chunks.iter().any(|c| !c.shapes.m.is_empty());
    let mut kinds = Vec::with_capacity(rows.len());
    let (mut counts, mut counts_end) = (Vec::new(), Vec::with_capacity(rows.len()));
    let (mut xy, mut xy_end) = (Vec::with_capacity(vertices), Vec::with_capacity(rows.len()));
    let (mut z, mut m) = (Vec::new(), Vec::new());
    let fill = |to: &mut Vec<f64>, from: &[f64], range: std::ops::Range<usize>| {
        if from.is_empty() {
            to.resize(to.len() + range.len(), f64::NAN);
        } else {
            to.extend_from_slice(&from[range]);
        }
    };
    for (c, r) in rows {
        let shapes = &chunks[*c as usize].shapes;
        kinds.push(shapes.kinds[*r as usize]);
        counts.extend_from_slice(&shapes.counts[span(&shapes.counts_end, *r)]);
        counts_end.push(counts.len() as u32);
        let range = span(&shapes.xy_end, *r);
        xy.extend_from_slice(&shapes.xy[range.clone()]);
        xy_end.push(xy.len() as u32);
        if with_z {
            fill(&mut z, &shapes.z, range.clone());
        }
        if with_m {
            fill(&mut m, &shapes.m, range);
        }
    }
    let uniform = kinds
        .first()
        .copied()
        .filter(|first| kinds.iter().all(|k| k == first));
    let one_point_each = uniform.is_some_and(|k| k & KIND_MASK == GeometryKind::Point as u8)
        && xy.len() == rows.len()
        && xy_end
            .iter()
            .enumerate()
            .all(|(i, end)| *end as usize == i + 1);
    if one_point_each || uniform == Some(0) {
        (counts, counts_end, xy_end) = (Vec::new(), Vec::new(), Vec::new());
    }
    let uniform = if rows.is_empty() { Some(0) } else { uniform };
    SourceShapes {
        kinds: if uniform.is_some() { Vec::new() } else { kinds }.into(),
        uniform,
        counts: counts.into(),
        counts_end: counts_end.into(),
        xy: xy.into(),
        xy_end: xy_end.into(),
        z: z.into(),
        m: m.into(),
    }
}

fn gather_grid(chunks: &[Chunk], rows: &[RowRef]) -> GridShapes {
    let mut g = super::chunk::RawGrid::default();
    for (c, r) in rows {
        let from = &chunks[*c as usize].shapes.grid;
        for path in span(&from.row_end, *r) {
            let vertices = span(&from.path_end, path as u32);
            g.xy.extend_from_slice(&from.xy[vertices.clone()]);
            g.importance.extend_from_slice(&from.importance[vertices]);
            g.path_kind.push(from.path_kind[path]);
            g.path_end.push(g.xy.len() as u32);
        }
        g.row_end.push(g.path_end.len() as u32);
        g.bbox.push(from.bbox[*r as usize]);
    }
    let kind = g
        .path_kind
        .first()
        .copied()
        .filter(|k| g.path_kind.iter().all(|o| o == k));
    let one_path_each = g
        .row_end
        .iter()
        .enumerate()
        .all(|(i, end)| *end as usize == i + 1);
    let one_vertex_each = g
        .path_end
        .iter()
        .enumerate()
        .all(|(i, end)| *end as usize == i + 1);
    let points = kind == Some(0);
    if kind.is_some() {
        g.path_kind = Vec::new();
    }
    if one_path_each {
        g.row_end = Vec::new();
        if one_vertex_each {
            g.bbox = Vec::new();
        }
    }
    if one_vertex_each {
        g.path_end = Vec::new();
    }
    if points {
        g.importance = Vec::new();
    }
    GridShapes {
        uniform: GridUniform {
            kind: kind.or(if rows.is_empty() { Some(0) } else { None }),
        },
        path_kind: g.path_kind.into(),
        row_end: g.row_end.into(),
        path_end: g.path_end.into(),
        xy: g.xy.into(),
        importance: g.importance.into(),
        bbox: g
            .bbox
            .iter()
            .map(|b| [b.min[0], b.min[1], b.max[0], b.max[1]])
            .collect::<Vec<_>>()
            .into(),
    }
}
