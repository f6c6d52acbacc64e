//! Segments that are put together out of rows of others, or of none: what a view makes where it cannot share.

use std::sync::Arc;

use rayon::prelude::*;

use super::blocks::Blocks;
use super::chunk::RawGrid;
use super::column::{Column, Ints, Values};
use super::gather::{SourceArena, pack_grid};
use super::identify::order_by_id;
use super::ids::{IdColumn, Ids};
use super::order::{Position, SortKey};
use super::row_set::RowSet;
use super::section::Section;
use super::segment::Segment;
use super::shapes::{HAS_M, HAS_Z};
use super::text::{Arena, Codes, Texts, TooMuchText};
use crate::geometry::grid::GridBox;
use crate::geometry::paths::GridPaths;
use crate::geometry::source::SourceGeometry;
use crate::model::temporal::{Style, Zone};
use crate::model::{DataType, FeatureIdRef, ValueRef};

/// The id and geometry of a row to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRow<'a> {
    pub(crate) id: FeatureIdRef<'a>,
    /// In the storage CRS; `None` for a null geometry.
    pub(crate) source: Option<SourceGeometry<'a>>,
    /// Whether heights and measures are said to be there, which an empty geometry cannot show: [`HAS_Z`], [`HAS_M`].
    pub(crate) flags: u8,
    /// The cleaned shape, with the importance of its vertices.
    pub(crate) paths: GridPaths<'a>,
    /// Around it; `None` if it has no place.
    pub(crate) bbox: Option<GridBox>,
}

/// A column of a segment that shares those of another.
#[derive(Debug, Clone)]
pub(crate) enum NewColumn {
    /// The column at that place. With bits, only the rows whose bit is set show their value.
    Of(usize, Option<Vec<u64>>),
    /// No value in any row.
    Null(DataType),
}

/// Why a segment could not be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AssembleError {
    /// See [`TooMuchText`].
    #[error("the texts of one column do not fit in 4 GiB")]
    TooMuchText,
    /// More than `u32::MAX` vertices.
    #[error("there are more than 4,294,967,295 vertices")]
    TooManyVertices,
}

impl From<TooMuchText> for AssembleError {
    fn from(_: TooMuchText) -> Self {
        Self::TooMuchText
    }
}

impl Segment {
    /// A segment of new rows, sorted into public order. `types` are those of its columns, `value` gives the value of a row, by its place
    /// in `rows`, in a column; `id_property` is the column that holds the ids as they are, if there is one.
    pub(crate) fn assemble<'a>(
        rows: &[NewRow<'a>],
        types: &[DataType],
        id_property: Option<usize>,
        value: impl Fn(usize, usize) -> ValueRef<'a> + Sync,
    ) -> Result<Self, AssembleError> {
        let order = public_order(rows);
        let rows: Vec<&NewRow<'a>> = order.iter().map(|i| &rows[*i as usize]).collect();
        let located = rows.partition_point(|r| r.bbox.is_some());
        let columns: Vec<Column> = types
            .par_iter()
            .enumerate()
            .map(|(field, data_type)| {
                Column::of_values(rows.len(), *data_type, |i| value(order[i] as usize, field))
            })
            .collect::<Result<_, _>>()?;
        let (source, grid) = shapes(&rows, located)?;
        let id_column = match id_property {
            Some(place) => IdColumn::Property(place),
            None => id_column(&rows)?,
        };
        let by_id = order_by_id(&id_column, &columns, rows.len());
        let grid = pack_grid(grid);
        Ok(Self {
            rows: rows.len(),
            located,
            columns,
            source: Arc::new(source.finish()),
            blocks: Arc::new(Blocks::build(&grid, located)),
            grid: Arc::new(grid),
            ids: Ids {
                column: id_column,
                by_id: Arc::new(by_id.into()),
            },
        })
    }

    /// The same rows with other columns. Everything else is shared. Where ids are those of a column, it must be among them and show all
    /// of its values, or [`Segment::with_ids`] must follow.
    pub(crate) fn with_columns(&self, columns: &[NewColumn]) -> Self {
        let mut ids = self.ids.clone();
        if let IdColumn::Property(place) = &mut ids.column {
            let kept = |c: &NewColumn| matches!(c, NewColumn::Of(of, _) if of == place);
            *place = columns.iter().position(kept).unwrap_or(usize::MAX);
        }
        Self {
            columns: columns
                .iter()
                .map(|column| match column {
                    NewColumn::Of(place, None) => self.columns[*place].clone(),
                    NewColumn::Of(place, Some(mask)) => self.columns[*place].masked(mask),
                    NewColumn::Null(data_type) => Column::null(self.rows, *data_type),
                })
                .collect(),
            ids,
            ..self.clone()
        }
    }

    /// The same rows with other ids for those of `shown`, in their order. Rows that stand at one place must be in the order of the
    /// new ids.
    pub(crate) fn with_ids(self, shown: Arc<RowSet>, ids: Vec<i64>) -> Self {
        Self {
            ids: Ids {
                column: IdColumn::Given(shown, Arc::new(ids.into())),
                by_id: Arc::default(),
            },
            ..self
        }
    }

    /// The column that holds the ids, if one does.
    pub(crate) fn id_property(&self) -> Option<usize> {
        match self.ids.column {
            IdColumn::Property(place) => Some(place),
            _ => None,
        }
    }

    /// The type of the values of a column.
    pub(crate) fn data_type(&self, field: usize) -> DataType {
        self.columns[field].data_type()
    }

    /// A row as it is, to be put into another segment.
    pub(crate) fn as_new(&self, row: usize) -> NewRow<'_> {
        NewRow {
            id: self.id(row),
            source: self.source_geometry(row),
            flags: self.source.flags(row),
            paths: self.grid_paths(row),
            bbox: self.grid_bbox(row),
        }
    }
}

/// The rows' places in public order.
fn public_order(rows: &[NewRow<'_>]) -> Vec<u32> {
    let position = |row: &NewRow<'_>| row.bbox.map_or(SortKey::UNLOCATED, |b| SortKey::of(&b));
    let mut keyed: Vec<(SortKey, u32)> = rows
        .par_iter()
        .enumerate()
        .map(|(i, row)| (position(row), i as u32))
        .collect();
    keyed.par_sort_unstable_by(|a, b| {
        let at = |(key, i): &(SortKey, u32)| Position {
            key: *key,
            id: rows[*i as usize].id,
        };
        at(a).cmp(&at(b)).then(a.1.cmp(&b.1))
    });
    keyed.into_iter().map(|(_, i)| i).collect()
}

fn shapes(rows: &[&NewRow<'_>], located: usize) -> Result<(SourceArena, RawGrid), AssembleError> {
    let vertices = |r: &&NewRow<'_>| r.source.map_or(0, |g| g.xy.len());
    let total: usize = rows.iter().map(vertices).sum();
    let on_grid: usize = rows.iter().map(|r| r.paths.vertices().len()).sum();
    if total.max(on_grid) > u32::MAX as usize {
        return Err(AssembleError::TooManyVertices);
    }
    let any = |test: fn(&SourceGeometry<'_>) -> bool| {
        rows.iter().any(|r| r.source.as_ref().is_some_and(test))
    };
    let (with_z, with_m) = (any(|g| !g.z.is_empty()), any(|g| !g.m.is_empty()));
    let mut source = SourceArena::new(rows.len(), total, with_z, with_m);
    let mut grid = RawGrid::default();
    for (i, row) in rows.iter().enumerate() {
        let shape = row.source.map_or(0, |g| {
            g.kind as u8
                | row.flags
                | if g.z.is_empty() { 0 } else { HAS_Z }
                | if g.m.is_empty() { 0 } else { HAS_M }
        });
        source.push_geometry(shape, row.source.as_ref());
        if i < located {
            grid.push_row(&row.paths, row.bbox.unwrap_or(GridBox::EMPTY));
        }
    }
    Ok((source, grid))
}

fn id_column(rows: &[&NewRow<'_>]) -> Result<IdColumn, TooMuchText> {
    let ints: Option<Vec<i64>> = rows
        .iter()
        .map(|r| match r.id {
            FeatureIdRef::Int(id) => Some(id),
            FeatureIdRef::Text(_) => None,
        })
        .collect();
    Ok(match ints {
        Some(ints) => match ints.iter().map(|i| u32::try_from(*i)).collect() {
            Ok(small) => IdColumn::Small(Arc::new(Vec::into(small))),
            Err(_) => IdColumn::Int(Arc::new(ints.into())),
        },
        None => {
            let texts: Vec<String> = rows.iter().map(|r| r.id.to_string()).collect();
            IdColumn::Text(Arc::new(Arena::build(texts.iter().map(String::as_str))?))
        }
    })
}

/// How instants of a column without any are written.
const PLAIN_STYLE: Style = Style {
    space: false,
    fraction_digits: 0,
    zone: Zone::Utc,
};

impl Column {
    /// The column of that type with those values; values of another type are null.
    pub(super) fn of_values<'a>(
        rows: usize,
        data_type: DataType,
        value: impl Fn(usize) -> ValueRef<'a>,
    ) -> Result<Self, TooMuchText> {
        let mut valid = vec![0u64; rows.div_ceil(64)];
        let mut gaps = false;
        let mut note = |row: usize, there: bool| {
            valid[row / 64] |= u64::from(there) << (row % 64);
            gaps |= !there;
        };
        macro_rules! gather {
            ($pattern:pat => $value:expr, $default:expr) => {
                (0..rows)
                    .map(|row| {
                        let found = match value(row) {
                            $pattern => Some($value),
                            _ => None,
                        };
                        note(row, found.is_some());
                        found.unwrap_or($default)
                    })
                    .collect::<Vec<_>>()
            };
        }
        let values = match data_type {
            DataType::Boolean => Values::Bool(gather!(ValueRef::Bool(b) => u8::from(b), 0).into()),
            DataType::Integer => Values::Int(Ints::from_i64(gather!(ValueRef::Int(i) => i, 0))),
            DataType::Number => Values::Float(gather!(ValueRef::Float(f) => f, 0.0).into()),
            DataType::Date => Values::Date(gather!(ValueRef::Date(d) => d.0, 0).into()),
            DataType::String => {
                let texts = gather!(ValueRef::Text(t) => t, "");
                Values::Text(Texts::build(rows, |row| texts[row])?)
            }
            DataType::Json => {
                let texts = gather!(ValueRef::Json(t) => t, "");
                Values::Json(Texts::build(rows, |row| texts[row])?)
            }
            DataType::DateTime => {
                let parsed = gather!(ValueRef::DateTime(t) => Some(t), None);
                let mut styles: Vec<Style> = Vec::new();
                let style_of: Vec<u8> = parsed
                    .iter()
                    .map(|t| {
                        let Some(style) = t.map(|t| t.style) else {
                            return 0;
                        };
                        let known = styles.iter().position(|s| *s == style);
                        // A column has 250 at most, and values of one column come from one.
                        known.unwrap_or_else(|| {
                            styles.push(style);
                            styles.len() - 1
                        }) as u8
                    })
                    .collect();
                if styles.is_empty() {
                    styles.push(PLAIN_STYLE);
                }
                let one = styles.len() == 1;
                let instants = parsed.iter().map(|t| t.map_or(0, |t| t.instant_us));
                Values::DateTime {
                    instant_us: instants.collect::<Vec<_>>().into(),
                    styles,
                    style_of: if one { Vec::new() } else { style_of }.into(),
                }
            }
        };
        let valid = if gaps {
            valid.into()
        } else {
            Section::default()
        };
        Ok(Self::new(values, valid, rows))
    }

    /// A column of that type without any value.
    fn null(rows: usize, data_type: DataType) -> Self {
        let words = || Texts::Dictionary {
            codes: Codes::W1(vec![0; rows].into()),
            words: Arena::of_one(),
        };
        let values = match data_type {
            DataType::Boolean => Values::Bool(vec![0; rows].into()),
            DataType::Integer => Values::Int(Ints::W1(vec![0; rows].into())),
            DataType::Number => Values::Float(vec![0.0; rows].into()),
            DataType::Date => Values::Date(vec![0; rows].into()),
            DataType::DateTime => Values::DateTime {
                instant_us: vec![0; rows].into(),
                styles: vec![PLAIN_STYLE],
                style_of: Section::default(),
            },
            DataType::String => Values::Text(words()),
            DataType::Json => Values::Json(words()),
        };
        Self::new(values, vec![0; rows.div_ceil(64)].into(), rows)
    }

    /// The type of its values.
    pub(super) fn data_type(&self) -> DataType {
        match &*self.values {
            Values::Bool(_) => DataType::Boolean,
            Values::Int(_) => DataType::Integer,
            Values::Float(_) => DataType::Number,
            Values::Text(_) => DataType::String,
            Values::Date(_) => DataType::Date,
            Values::DateTime { .. } => DataType::DateTime,
            Values::Json(_) => DataType::Json,
        }
    }

    /// The same values, with nulls where the bit of a row is not set.
    fn masked(&self, mask: &[u64]) -> Self {
        let valid: Vec<u64> = if self.valid.is_empty() {
            mask.to_vec()
        } else {
            self.valid.iter().zip(mask).map(|(v, m)| v & m).collect()
        };
        Self {
            valid: Arc::new(valid.into()),
            ..self.clone()
        }
    }
}
