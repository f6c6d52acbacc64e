//! Cells of a grid that take the place of rows: a count of them, and what their values sum up to.
//!
//! A row is counted once, in the cell of the middle of the box of what its slices show of it. Cells with too few rows are not shown: their
//! rows are counted in the next larger cells, with those of other such cells, and those that are too few even there are not shown at all.
//! Nothing else of a row leaves a trace: sums do not depend on the order in which values are added.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::bits;
use super::made::{Number, Showing};
use super::plan::Faces;
use crate::access::{Aggregate, Precision};
use crate::geometry::cells::{Cell, Cells, Ladder};
use crate::geometry::grid::{self, GridBox};
use crate::geometry::region::{Clipped, StorageFrame};
use crate::model::{DataType, Field, Schema, ValueRef};

/// The columns that cells have.
#[derive(Debug, Default)]
pub(super) struct CellColumns {
    /// What they are called and of which type: the code, the count, then the aggregates.
    pub(super) fields: Vec<Field>,
    /// The aggregates: place of the property in the layer's schema, its name, how it is summed up.
    sums: Vec<(usize, String, Aggregate)>,
}

impl CellColumns {
    /// Those of all precisions of a view, under names that none of the other `shown` properties has. They follow from the policy alone.
    pub(super) fn of(faces: &Faces<'_>, stored: &Schema, shown: &[Field]) -> Self {
        let mut columns = Self::default();
        if faces.precisions.is_empty() {
            return columns;
        }
        let mut add = |name: String, data_type| {
            let mut name = name;
            let taken = |name: &str| shown.iter().chain(&columns.fields).any(|f| f.name == name);
            while taken(&name) {
                name.push('_');
            }
            columns.fields.push(Field::new(name, data_type));
        };
        add("cell".to_owned(), DataType::String);
        add("count".to_owned(), DataType::Integer);
        let mut sums: Vec<(String, Aggregate)> = faces
            .precisions
            .iter()
            .flat_map(|p| p.aggregates.iter().map(|(n, a)| (n.clone(), *a)))
            .collect();
        sums.sort_unstable();
        sums.dedup();
        for (name, how) in sums {
            // A name that is none of the layer's makes its profile inert.
            let Some(place) = stored.index_of(&name) else {
                continue;
            };
            let (word, data_type) = match (how, stored.fields[place].data_type) {
                (Aggregate::Mean, _) => ("mean", DataType::Number),
                (Aggregate::Sum, t) => ("sum", t),
                (Aggregate::Min, t) => ("min", t),
                (Aggregate::Max, t) => ("max", t),
            };
            add(format!("{word}_{name}"), data_type);
            columns.sums.push((place, name, how));
        }
        columns
    }

    /// The type of each.
    pub(super) fn types(&self) -> impl Iterator<Item = DataType> + '_ {
        self.fields.iter().map(|f| f.data_type)
    }
}

/// A cell as it is shown.
#[derive(Debug)]
pub(super) struct Shape {
    /// Its name; of one precision of the view no two cells share it.
    pub(super) code: String,
    /// The precision, from the finest.
    pub(super) precision: usize,
    pub(super) polygon: Clipped,
    count: u64,
    /// In the order of the columns.
    sums: Vec<Number>,
}

impl Shape {
    /// Its value in a column.
    pub(super) fn value(&self, place: usize) -> ValueRef<'_> {
        match place {
            0 => ValueRef::Text(&self.code),
            1 => ValueRef::Int(i64::try_from(self.count).unwrap_or(i64::MAX)),
            _ => self.sums[place - 2].as_value(),
        }
    }
}

/// A row to be counted: its part, its number there, and where it is.
type Member = (u32, u32, [f64; 2]);

/// The cells of all precisions of a view. `None` if the projections of the grids cannot be built.
pub(super) fn of(
    showing: &[Showing<'_>],
    faces: &Faces<'_>,
    columns: &CellColumns,
    frame: &StorageFrame,
) -> Option<Vec<Shape>> {
    if faces.precisions.is_empty() {
        return Some(Vec::new());
    }
    let cells = Cells::new().ok()?;
    let mut all = Vec::new();
    for (p, precision) in faces.precisions.iter().enumerate() {
        let ladder = Ladder::from(precision.grid_m);
        let members = members(showing, faces, p);
        let mut counted = Vec::new();
        let keep = |cell: Cell, members: &[Placed], is_shown| {
            if is_shown {
                counted.push((cell, members.iter().map(|(_, m)| *m).collect::<Vec<_>>()));
            }
        };
        ladder_up(&cells, &ladder, members, threshold(precision), keep);
        let shown: Vec<Option<Shape>> = counted
            .into_par_iter()
            .map(|(cell, members)| {
                Some(Shape {
                    code: cell.code(),
                    precision: p,
                    polygon: cells.shape(&cell, &ladder, frame)?,
                    count: members.len() as u64,
                    sums: columns
                        .sums
                        .iter()
                        .map(|sum| sum_up(showing, precision, sum, &members))
                        .collect(),
                })
            })
            .collect();
        all.extend(shown.into_iter().flatten());
    }
    Some(all)
}

fn threshold(precision: &Precision) -> u64 {
    if crate::leak!("cells-below-the-minimum") {
        1
    } else {
        precision.min_count
    }
}

/// The rows that are counted in cells of a precision.
fn members(showing: &[Showing<'_>], faces: &Faces<'_>, precision: usize) -> Vec<Member> {
    let mut all = Vec::new();
    for (i, s) in showing.iter().enumerate() {
        let rows: Vec<usize> = bits::rows(&s.plan.coarse[precision]).collect();
        let members: Vec<Member> = rows
            .par_iter()
            .filter_map(|row| {
                let bbox = box_shown(s, faces, precision, *row)?;
                let place = grid::to_lonlat(bbox.center());
                Some((i as u32, *row as u32, place))
            })
            .collect();
        all.extend(members);
    }
    all
}

/// The box of what the slices of a precision show of a row; `None` for a row without a place, which is in no cell.
fn box_shown(s: &Showing<'_>, faces: &Faces<'_>, precision: usize, row: usize) -> Option<GridBox> {
    let whole = s.part.segment.grid_bbox(row)?;
    let mut shown = GridBox::EMPTY;
    for slice in s.plan.showing(faces.of_precision(precision), row) {
        match s.plan.matches[slice].piece(row) {
            Some(piece) => shown = shown.union(&piece.bbox()),
            None => return Some(whole),
        }
    }
    Some(shown)
}

/// A row in its cell of some size.
type Placed = (Cell, Member);

/// Rows by cell: those of cells with too few go up the ladder. `each` is told of every cell that has rows, and whether they are enough.
fn ladder_up(
    cells: &Cells,
    ladder: &Ladder,
    members: Vec<Member>,
    least: u64,
    mut each: impl FnMut(Cell, &[Placed], bool),
) {
    let mut left = members;
    for size in ladder.sizes() {
        let mut placed: Vec<Placed> = left
            .into_par_iter()
            .filter_map(|member| Some((cells.cell_of(member.2, *size)?, member)))
            .collect();
        placed.par_sort_unstable_by_key(|(cell, member)| (*cell, member.0, member.1));
        left = Vec::new();
        for group in placed.chunk_by(|a, b| a.0 == b.0) {
            let is_enough = group.len() as u64 >= least;
            each(group[0].0, group, is_enough);
            if !is_enough {
                left.extend(group.iter().map(|(_, member)| *member));
            }
        }
    }
}

/// One step of a row up the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellStep {
    /// Side of the cell in metres.
    pub size_m: u32,
    /// Its name.
    pub code: String,
    /// The rows that are counted in it, or would be.
    pub count: u64,
    /// It is shown: the row is counted there.
    pub is_shown: bool,
}

/// What becomes of a row that is counted in cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellTale {
    /// The slices that count it.
    pub slices: Vec<usize>,
    /// Fewest rows of a cell that is shown.
    pub min_count: u64,
    /// From the finest cell on: the last is the one that counts it, if one does. None for a row without a place.
    pub steps: Vec<CellStep>,
}

/// What becomes of that row of a part among the cells of a view; `None` if it is counted in none, since no slice of cells shows it or since it is
/// shown itself.
pub(super) fn tale(
    showing: &[Showing<'_>],
    faces: &Faces<'_>,
    frame: &StorageFrame,
    (part, row): (usize, usize),
) -> Option<CellTale> {
    let plan = &showing[part].plan;
    let p = plan.coarse.iter().position(|rows| bits::has(rows, row))?;
    let cells = Cells::new().ok()?;
    let ladder = Ladder::from(faces.precisions[p].grid_m);
    let min_count = threshold(faces.precisions[p]);
    let mut steps = Vec::new();
    let look = |cell: Cell, members: &[Placed], is_enough: bool| {
        let is_it = |(_, m): &Placed| (m.0 as usize, m.1 as usize) == (part, row);
        if members.iter().any(is_it) {
            steps.push(CellStep {
                size_m: cell.size(),
                code: cell.code(),
                count: members.len() as u64,
                is_shown: is_enough && cells.shape(&cell, &ladder, frame).is_some(),
            });
        }
    };
    let members = members(showing, faces, p);
    ladder_up(&cells, &ladder, members, min_count, look);
    Some(CellTale {
        slices: plan.showing(faces.of_precision(p), row),
        min_count,
        steps,
    })
}

/// What the values of rows come to; nothing where fewer rows have one than a cell must have.
fn sum_up(
    showing: &[Showing<'_>],
    precision: &Precision,
    (place, name, how): &(usize, String, Aggregate),
    members: &[Member],
) -> Number {
    if precision.aggregates.get(name) != Some(how) {
        return Number::None;
    }
    let (mut ints, mut floats): (Vec<i64>, Vec<f64>) = (Vec::new(), Vec::new());
    for (part, row, _) in members {
        let segment = &showing[*part as usize].part.segment;
        match segment.value(*row as usize, *place) {
            ValueRef::Int(i) => ints.push(i),
            ValueRef::Float(f) if f.is_finite() => floats.push(f),
            _ => {}
        }
    }
    // What a few rows have is theirs, however many have nothing beside them.
    if ((ints.len() + floats.len()) as u64) < threshold(precision) {
        return Number::None;
    }
    // The order of rows is that of what is hidden.
    floats.sort_unstable_by(f64::total_cmp);
    let sum_of_ints = || ints.iter().map(|i| i128::from(*i)).sum::<i128>();
    let summed = match (how, ints.is_empty(), floats.is_empty()) {
        (_, true, true) => Number::None,
        (Aggregate::Sum, false, _) => {
            i64::try_from(sum_of_ints()).map_or(Number::None, Number::Int)
        }
        (Aggregate::Mean, false, _) => Number::Float(sum_of_ints() as f64 / ints.len() as f64),
        (Aggregate::Min, false, _) => ints.iter().min().map_or(Number::None, |i| Number::Int(*i)),
        (Aggregate::Max, false, _) => ints.iter().max().map_or(Number::None, |i| Number::Int(*i)),
        (Aggregate::Sum, true, _) => Number::Float(floats.iter().sum()),
        (Aggregate::Mean, true, _) => {
            Number::Float(floats.iter().sum::<f64>() / floats.len() as f64)
        }
        (Aggregate::Min, true, _) => Number::Float(floats[0]),
        (Aggregate::Max, true, _) => Number::Float(floats[floats.len() - 1]),
    };
    match summed {
        Number::Float(f) if !f.is_finite() => Number::None,
        known => known,
    }
}

/// Ids of cells as texts: their codes; a cell of a coarser precision that has the code of a finer one's is told apart by a number.
pub(super) fn ids(cells: &[Shape]) -> Vec<String> {
    let mut finest: BTreeMap<&str, usize> = BTreeMap::new();
    for cell in cells {
        let first = finest.entry(&cell.code).or_insert(cell.precision);
        *first = (*first).min(cell.precision);
    }
    let id = |cell: &Shape| {
        if finest[&*cell.code] == cell.precision {
            cell.code.clone()
        } else {
            format!("{}.{}", cell.code, cell.precision + 1)
        }
    };
    cells.iter().map(id).collect()
}
