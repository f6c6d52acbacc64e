//! A checked filter over one table: 64 rows at a time, as two masks of bits.
//!
//! Comparisons of a column with constants become ranges, which zones settle for most blocks of a sorted column and a loop without
//! branches for the others. Whatever looks at one column of few distinct texts is evaluated once a text. Geometries are settled by the
//! row's box where that is sure. All else goes row by row through [`evaluate`](super::evaluate), which says what a filter means;
//! members of a conjunction are ordered by cost, and a row that is settled is not looked at again.

use super::ast::{CompareOp, SpatialOp};
use super::cells::TableRow;
use super::evaluate::truth;
use super::kernel::{FloatRange, IntRange, Number, Side, bits};
use super::ranges::{TextRange, Tri, codes_of, each, floats, ints, number, text_range, valid};
use super::spatial::{Prepared, Scratch};
use super::table::{Codes, Column, Table, Texts, Values};
use super::term::{Predicate, Term};
use super::value::Value;
use crate::geometry::crs::Transform;

/// A filter bound to a table.
pub struct Bound<'a, T: Table> {
    step: Step<'a>,
    rows: Rows<'a, T>,
}

impl<T: Table> std::fmt::Debug for Bound<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bound").field("step", &self.step).finish()
    }
}

/// The table, and how its geometries come into the frame of the filter.
struct Rows<'a, T: Table> {
    table: &'a T,
    to_filter: Option<&'a Transform>,
    to_crs84: Option<&'a Transform>,
    scratch: Scratch,
}

/// One step of a plan.
#[derive(Debug)]
enum Step<'a> {
    Known(Option<bool>),
    All(Vec<Step<'a>>),
    Any(Vec<Step<'a>>),
    Not(Box<Step<'a>>),
    /// Rows without a value in the column.
    IsNull(Column<'a>),
    /// Integers, days, instants or codes of a column within a range; `outside` for the rest of it.
    Ints {
        column: Column<'a>,
        range: IntRange,
        outside: bool,
    },
    Floats {
        column: Column<'a>,
        range: FloatRange,
        outside: bool,
    },
    /// Texts of a column within a range of bytes.
    Texts {
        column: Column<'a>,
        texts: Texts<'a>,
        range: TextRange<'a>,
        outside: bool,
    },
    /// A predicate of one dictionary column, remembered for each code once it has been evaluated.
    Words {
        predicate: &'a Predicate,
        column: Column<'a>,
        codes: Codes<'a>,
        seen: Vec<u8>,
    },
    /// The row's geometry against one of the filter.
    Spatial(SpatialOp, &'a Prepared),
    /// Row by row.
    Rows(&'a Predicate),
}

impl<'a, T: Table> Bound<'a, T> {
    pub(super) fn new(
        predicate: &'a Predicate,
        table: &'a T,
        to_filter: Option<&'a Transform>,
        to_crs84: Option<&'a Transform>,
    ) -> Self {
        Self {
            step: Step::plan(predicate, table),
            rows: Rows {
                table,
                to_filter,
                to_crs84,
                scratch: Scratch::default(),
            },
        }
    }

    /// Which of the rows `64 * block + i` with bit `i` set in `wanted` the filter selects.
    pub fn block(&mut self, block: usize, wanted: u64) -> u64 {
        let left = self.rows.table.rows().saturating_sub(block * 64);
        let wanted = wanted & bits(left);
        self.step.block(&mut self.rows, block, wanted).yes
    }
}

impl<'a> Step<'a> {
    fn plan<T: Table>(predicate: &'a Predicate, table: &'a T) -> Self {
        match predicate {
            Predicate::Known(known) => Self::Known(*known),
            Predicate::All(members) => Self::All(Self::members(members, table)),
            Predicate::Any(members) => Self::Any(Self::members(members, table)),
            Predicate::Not(inner) => Self::Not(Box::new(Self::plan(inner, table))),
            Predicate::Spatial(op, literal) => Self::Spatial(*op, literal),
            Predicate::IsNull(Term::Column(field)) => match table.column(*field) {
                // Doubles that are none are NULL too.
                Column {
                    values: Values::Float(_),
                    ..
                } => Self::Rows(predicate),
                column => Self::IsNull(column),
            },
            _ => Self::of_column(predicate, table).unwrap_or(Self::Rows(predicate)),
        }
    }

    /// Members, the cheap ones first.
    fn members<T: Table>(members: &'a [Predicate], table: &'a T) -> Vec<Self> {
        let mut steps: Vec<_> = members.iter().map(|m| Self::plan(m, table)).collect();
        steps.sort_by_key(Self::rank);
        steps
    }

    fn rank(&self) -> u32 {
        match self {
            Self::Known(_) => 0,
            Self::IsNull(_) => 1,
            Self::Ints { .. } => 2,
            Self::Floats { .. } => 3,
            Self::Words { .. } => 4,
            Self::Texts { .. } => 5,
            Self::Not(inner) => inner.rank(),
            Self::All(steps) | Self::Any(steps) => {
                6 + steps.iter().map(Self::rank).max().unwrap_or(0)
            }
            Self::Spatial(..) => 100,
            Self::Rows(_) => 200,
        }
    }

    /// A plan for what looks at one column only.
    fn of_column<T: Table>(predicate: &'a Predicate, table: &'a T) -> Option<Self> {
        let column = table.column(predicate.lone_column()?);
        if let Predicate::Compare(op, terms) = predicate
            && let (Term::Column(_), Some(constant)) = (&terms[0], terms[1].constant())
            && let Some(step) = Self::compare(*op, column, constant)
        {
            return Some(step);
        }
        if let Predicate::Compare(op, terms) = predicate
            && let (Some(constant), Term::Column(_)) = (terms[0].constant(), &terms[1])
            && let Some(step) = Self::compare(op.turned(), column, constant)
        {
            return Some(step);
        }
        if let Predicate::Holds(Term::Column(_)) = predicate
            && let Values::Bool(_) = column.values
        {
            let range = IntRange { low: 1, high: 1 };
            return Some(Self::Ints {
                column,
                range,
                outside: false,
            });
        }
        if let (Predicate::Like(Term::Column(_), pattern), Values::Text(texts)) =
            (predicate, column.values)
            && pattern.is_prefix_only()
            && let Some(prefix) = pattern.prefix()
        {
            let range = TextRange::Prefix(prefix.as_bytes());
            return Some(Self::Texts {
                column,
                texts,
                range,
                outside: false,
            });
        }
        if let Values::Dictionary(codes, words) | Values::JsonDictionary(codes, words) =
            column.values
            && words.len() <= MOST_WORDS
        {
            return Some(Self::Words {
                predicate,
                column,
                codes,
                seen: vec![UNSEEN; words.len()],
            });
        }
        None
    }

    fn compare(op: CompareOp, column: Column<'a>, constant: &'a Value<'static>) -> Option<Self> {
        let (side, outside) = match op {
            CompareOp::Equal => (Side::Equal, false),
            CompareOp::NotEqual => (Side::Equal, true),
            CompareOp::Less => (Side::Below { or_equal: false }, false),
            CompareOp::LessOrEqual => (Side::Below { or_equal: true }, false),
            CompareOp::Greater => (Side::Above { or_equal: false }, false),
            CompareOp::GreaterOrEqual => (Side::Above { or_equal: true }, false),
        };
        let ints = |range| Self::Ints {
            column,
            range,
            outside,
        };
        Some(match (column.values, constant) {
            (
                Values::Int8(_) | Values::Int16(_) | Values::Int32(_) | Values::Int64(_),
                Value::Int(_) | Value::Float(_),
            ) => ints(side.ints(number(constant)?)),
            (Values::Float(_), Value::Int(_) | Value::Float(_)) => Self::Floats {
                column,
                range: side.floats(number(constant)?),
                outside,
            },
            (Values::Bool(_), Value::Bool(b)) => ints(side.ints(Number::Int(i64::from(*b)))),
            (Values::Date(_), Value::Date(day)) => ints(side.ints(Number::Int(i64::from(*day)))),
            (Values::Timestamp(..), Value::Timestamp(us)) => ints(side.ints(Number::Int(*us))),
            (Values::Dictionary(_, words), Value::Text(text)) => {
                ints(codes_of(side, words, text.as_bytes()))
            }
            (Values::Text(texts), Value::Text(text)) => Self::Texts {
                column,
                texts,
                range: TextRange::of(side, text.as_bytes()),
                outside,
            },
            _ => return None,
        })
    }

    fn block<T: Table>(&mut self, rows: &mut Rows<'a, T>, block: usize, wanted: u64) -> Tri {
        if wanted == 0 {
            return Tri::default();
        }
        match self {
            Self::Known(known) => Tri::known(*known, wanted),
            Self::All(steps) => {
                let mut result = Tri { yes: wanted, no: 0 };
                for step in steps {
                    let one = step.block(rows, block, wanted & !result.no);
                    result.yes &= one.yes;
                    result.no |= one.no;
                }
                result
            }
            Self::Any(steps) => {
                let mut result = Tri { yes: 0, no: wanted };
                for step in steps {
                    let one = step.block(rows, block, wanted & !result.yes);
                    result.yes |= one.yes;
                    result.no &= one.no;
                }
                result
            }
            Self::Not(inner) => {
                let Tri { yes, no } = inner.block(rows, block, wanted);
                Tri { yes: no, no: yes }
            }
            Self::IsNull(column) => {
                let valid = valid(column, block);
                Tri {
                    yes: wanted & !valid,
                    no: wanted & valid,
                }
            }
            Self::Ints {
                column,
                range,
                outside,
            } => ints(column, *range, block).within(wanted & valid(column, block), *outside),
            Self::Floats {
                column,
                range,
                outside,
            } => floats(column, *range, block).within(wanted & valid(column, block), *outside),
            Self::Texts {
                column,
                texts,
                range,
                outside,
            } => {
                let wanted = wanted & valid(column, block);
                text_range(column, *texts, range, block, wanted).within(wanted, *outside)
            }
            Self::Words {
                predicate,
                column,
                codes,
                seen,
            } => words(rows, predicate, column, *codes, seen, block, wanted),
            Self::Spatial(op, literal) => each(block, wanted, |row| rows.meets(*op, literal, row)),
            Self::Rows(predicate) => each(block, wanted, |row| truth(predicate, &rows.row(row))),
        }
    }
}

/// Words of a dictionary whose answers are remembered, a byte each: a filter may have a thousand such predicates.
const MOST_WORDS: usize = 1 << 16;

const UNSEEN: u8 = 0;
const YES: u8 = 1;
const NO: u8 = 2;
const UNKNOWN: u8 = 3;

fn words<T: Table>(
    rows: &Rows<'_, T>,
    predicate: &Predicate,
    column: &Column<'_>,
    codes: Codes<'_>,
    seen: &mut [u8],
    block: usize,
    wanted: u64,
) -> Tri {
    let valid = valid(column, block);
    let ask = |row: usize| truth(predicate, &rows.row(row));
    // Rows without a value share a code with the empty text: they are asked themselves.
    let nulls = each(block, wanted & !valid, ask);
    let mut result = each(block, wanted & valid, |row| {
        let seen = &mut seen[codes.get(row)];
        if *seen == UNSEEN {
            *seen = match ask(row) {
                Some(true) => YES,
                Some(false) => NO,
                None => UNKNOWN,
            };
        }
        match *seen {
            YES => Some(true),
            NO => Some(false),
            _ => None,
        }
    });
    result.yes |= nulls.yes;
    result.no |= nulls.no;
    result
}

impl<'a, T: Table> Rows<'a, T> {
    fn row(&self, row: usize) -> TableRow<'a, T> {
        TableRow {
            table: self.table,
            row,
            to_filter: self.to_filter,
            to_crs84: self.to_crs84,
        }
    }

    fn meets(&mut self, op: SpatialOp, literal: &Prepared, row: usize) -> Option<bool> {
        if let Some(bbox) = self.table.grid_bbox(row)
            && let Some(known) = literal.quick(op, &bbox)
        {
            return Some(known);
        }
        let geometry = self.table.geometry(row)?;
        literal.holds(op, &geometry, &mut self.scratch)
    }
}
