//! The type of a column, and its cells as that type.

use super::chunk::{RawColumn, RawValue, Tag};
use super::column::{Column, Ints, Values};
use super::section::Section;
use super::text::{Texts, TooMuchText};
use crate::model::DataType;
use crate::model::temporal::{Date, DateTime, Style};

/// The offset in minutes east of UTC that the platform's time zone has at a civil time in microseconds.
pub(crate) type NaiveOffset = dyn Fn(i64) -> i16 + Sync;

/// Who says what a column's type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeHint {
    /// Nobody: look at all values.
    None,
    /// The file: its values are of this type, or no better than text.
    File(DataType),
    /// The publisher: a value that is not of this type is a fault.
    Declared(DataType),
}

/// Integers up to here are exact as doubles.
const EXACT_DOUBLE: i64 = 1 << 53;

/// Ways of writing an instant that one column can hold; more and it stays text.
const MAX_STYLES: usize = 250;

/// One column's cells, in file order: `cell(i)` for `0..rows`.
pub(crate) struct Cells<'a> {
    /// The column in each chunk, absent where the chunk never met it.
    pub(super) by_chunk: Vec<Option<&'a RawColumn>>,
    /// No row of the chunks is left out: what was seen while reading is what is there.
    pub(super) all: bool,
    /// Chunk and row in it, in the order wanted.
    pub(super) rows: &'a [(u32, u32)],
}

impl<'a> Cells<'a> {
    fn get(&self, i: usize) -> RawValue<'a> {
        let (chunk, row) = self.rows[i];
        self.by_chunk[chunk as usize].map_or(RawValue::Null, |c| c.get(row as usize))
    }

    fn seen(&self) -> u8 {
        if self.all {
            return self
                .by_chunk
                .iter()
                .flatten()
                .fold(0, |seen, c| seen | c.seen());
        }
        (0..self.rows.len()).fold(0, |seen, i| seen | 1 << self.get(i).tag() as u8)
    }

    fn texts_are(&self, test: impl Fn(&str) -> bool) -> bool {
        (0..self.rows.len()).all(|i| match self.get(i) {
            RawValue::Text(t) => test(t),
            _ => true,
        })
    }
}

/// The type of a column.
pub(crate) fn resolve(cells: &Cells<'_>, hint: TypeHint, naive: &NaiveOffset) -> DataType {
    const NULL: u8 = 1 << Tag::Null as u8;
    const BOOL: u8 = 1 << Tag::Bool as u8;
    const INT: u8 = 1 << Tag::Int as u8;
    const FLOAT: u8 = 1 << Tag::Float as u8;
    const TEXT: u8 = 1 << Tag::Text as u8;
    let seen = cells.seen() & !NULL;
    match hint {
        TypeHint::Declared(t) => return t,
        TypeHint::File(DataType::DateTime) if cells.texts_are(|t| is_instant(t, naive)) => {
            return DataType::DateTime;
        }
        TypeHint::File(DataType::Date) if cells.texts_are(is_day) => return DataType::Date,
        TypeHint::File(DataType::String | DataType::Date | DataType::DateTime)
            if seen & !TEXT == 0 =>
        {
            return DataType::String;
        }
        TypeHint::File(DataType::Boolean) if seen & !BOOL == 0 => return DataType::Boolean,
        TypeHint::File(DataType::Integer) if seen & !INT == 0 => return DataType::Integer,
        TypeHint::File(DataType::Number) if seen & !(INT | FLOAT) == 0 && ints_are_exact(cells) => {
            return DataType::Number;
        }
        TypeHint::File(DataType::Json) => return DataType::Json,
        _ => {}
    }
    match seen {
        0 => DataType::String,
        BOOL => DataType::Boolean,
        INT => DataType::Integer,
        FLOAT => DataType::Number,
        s if s == INT | FLOAT && ints_are_exact(cells) => DataType::Number,
        TEXT if hint == TypeHint::None && cells.texts_are(is_day) => DataType::Date,
        TEXT if hint == TypeHint::None && cells.texts_are(|t| is_instant(t, naive)) => {
            DataType::DateTime
        }
        TEXT => DataType::String,
        _ => DataType::Json,
    }
}

fn ints_are_exact(cells: &Cells<'_>) -> bool {
    (0..cells.rows.len()).all(|i| match cells.get(i) {
        RawValue::Int(v) => (-EXACT_DOUBLE..=EXACT_DOUBLE).contains(&v),
        _ => true,
    })
}

fn is_day(text: &str) -> bool {
    Date::parse(text).is_some()
}

/// An instant that prints again as it was written.
fn is_instant(text: &str, naive: &NaiveOffset) -> bool {
    DateTime::parse(text, naive).is_some_and(|t| {
        // Only `-00:00` parses and prints differently.
        !text.ends_with("-00:00") || t.to_string() == text
    })
}

/// True if a cell can be held by a column of `data_type`; asked for declared types only.
pub(crate) fn fits(value: RawValue<'_>, data_type: DataType, naive: &NaiveOffset) -> bool {
    match (value, data_type) {
        (RawValue::Null, _) | (_, DataType::Json) => true,
        (RawValue::Bool(_), t) => t == DataType::Boolean,
        (RawValue::Int(i), t) => {
            t == DataType::Integer
                || (t == DataType::Number && (-EXACT_DOUBLE..=EXACT_DOUBLE).contains(&i))
                || t == DataType::String
        }
        (RawValue::Float(_), t) => t == DataType::Number,
        (RawValue::Text(_), DataType::String) => true,
        (RawValue::Text(t), DataType::Date) => is_day(t),
        (RawValue::Text(t), DataType::DateTime) => is_instant(t, naive),
        (RawValue::Text(_) | RawValue::Json(_), _) => false,
    }
}

/// The column of `data_type`; cells that are not of it become null (declared types were checked by [`fits`] before).
pub(crate) fn column(
    cells: &Cells<'_>,
    data_type: DataType,
    naive: &NaiveOffset,
) -> Result<Column, TooMuchText> {
    let rows = cells.rows.len();
    let mut valid = Valid::new(rows);
    let values = match data_type {
        DataType::Boolean => Values::Bool(valid.collect(cells, |v| match v {
            RawValue::Bool(b) => Some(u8::from(b)),
            _ => None,
        })),
        DataType::Integer => {
            let section: Vec<i64> = valid.gather(cells, |v| match v {
                RawValue::Int(i) => Some(i),
                _ => None,
            });
            Values::Int(Ints::from_i64(section))
        }
        DataType::Number => Values::Float(valid.collect(cells, |v| match v {
            RawValue::Float(f) => Some(f),
            RawValue::Int(i) => Some(i as f64),
            _ => None,
        })),
        DataType::Date => Values::Date(valid.collect(cells, |v| match v {
            RawValue::Text(t) => Date::parse(t).map(|d| d.0),
            _ => None,
        })),
        DataType::DateTime => {
            if let Some(values) = instants(cells, &mut valid, naive) {
                values
            } else {
                valid = Valid::new(rows);
                Values::Text(texts(cells, &mut valid)?)
            }
        }
        DataType::String => Values::Text(texts(cells, &mut valid)?),
        DataType::Json => Values::Json(json_texts(cells, &mut valid)?),
    };
    let valid = valid.finish();
    Ok(Column::new(values, valid, rows))
}

fn texts(cells: &Cells<'_>, valid: &mut Valid) -> Result<Texts, TooMuchText> {
    let rows = cells.rows.len();
    if cells.seen() & (1 << Tag::Int as u8) != 0 {
        // Declared text over numbers of the file: their usual spelling.
        let owned: Vec<String> = valid.gather(cells, |v| match v {
            RawValue::Text(t) => Some(t.to_owned()),
            RawValue::Int(i) => Some(i.to_string()),
            _ => None,
        });
        return Texts::build(rows, |i| &owned[i]);
    }
    let borrowed: Vec<&str> = valid.gather(cells, |v| match v {
        RawValue::Text(t) => Some(t),
        _ => None,
    });
    Texts::build(rows, |i| borrowed[i])
}

fn json_texts(cells: &Cells<'_>, valid: &mut Valid) -> Result<Texts, TooMuchText> {
    let owned: Vec<String> = valid.gather(cells, |v| match v {
        RawValue::Null => None,
        RawValue::Bool(b) => Some(b.to_string()),
        RawValue::Int(i) => Some(i.to_string()),
        RawValue::Float(f) if f.is_finite() => Some(zmij::Buffer::new().format(f).to_owned()),
        RawValue::Float(f) => Some(format!("\"{f}\"")),
        RawValue::Text(t) => Some(serde_json::Value::from(t).to_string()),
        RawValue::Json(t) => Some(t.to_owned()),
    });
    Texts::build(cells.rows.len(), |i| &owned[i])
}

/// `None` if there are more styles than a byte can tell.
fn instants(cells: &Cells<'_>, valid: &mut Valid, naive: &NaiveOffset) -> Option<Values> {
    let parsed: Vec<Option<DateTime>> = valid.gather(cells, |v| match v {
        RawValue::Text(t) => DateTime::parse(t, naive).map(Some),
        _ => None,
    });
    let mut styles: Vec<Style> = Vec::new();
    let mut style_of = Vec::with_capacity(parsed.len());
    let mut last = 0usize;
    for t in &parsed {
        if let Some(t) = t
            && styles.get(last) != Some(&t.style)
        {
            last = styles
                .iter()
                .position(|s| *s == t.style)
                .unwrap_or_else(|| {
                    styles.push(t.style);
                    styles.len() - 1
                });
            if styles.len() > MAX_STYLES {
                return None;
            }
        }
        style_of.push(last as u8);
    }
    if styles.is_empty() {
        styles.push(Style {
            space: false,
            fraction_digits: 0,
            zone: crate::model::temporal::Zone::Utc,
        });
    }
    if styles.len() == 1 {
        style_of = Vec::new();
    }
    let instant_us: Vec<i64> = parsed
        .iter()
        .map(|t| t.map_or(0, |t| t.instant_us))
        .collect();
    Some(Values::DateTime {
        instant_us: instant_us.into(),
        styles,
        style_of: style_of.into(),
    })
}

/// Validity bits, made only if there is a null.
struct Valid {
    bits: Vec<u64>,
    nulls: bool,
}

impl Valid {
    fn new(rows: usize) -> Self {
        Self {
            bits: vec![0; rows.div_ceil(64)],
            nulls: false,
        }
    }

    fn gather<'a, T: Default>(
        &mut self,
        cells: &Cells<'a>,
        convert: impl Fn(RawValue<'a>) -> Option<T>,
    ) -> Vec<T> {
        (0..cells.rows.len())
            .map(|i| {
                if let Some(v) = convert(cells.get(i)) {
                    self.bits[i / 64] |= 1 << (i % 64);
                    v
                } else {
                    self.nulls = true;
                    T::default()
                }
            })
            .collect()
    }

    fn collect<'a, T: Default + bytemuck::Pod>(
        &mut self,
        cells: &Cells<'a>,
        convert: impl Fn(RawValue<'a>) -> Option<T>,
    ) -> Section<T> {
        self.gather(cells, convert).into()
    }

    fn finish(self) -> Section<u64> {
        if self.nulls {
            self.bits.into()
        } else {
            Section::default()
        }
    }
}
