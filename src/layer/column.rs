//! Typed columns of property values, one value per row.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::section::{Section, SectionVisitor};
use super::text::Texts;
use super::zones::ZoneMap;
use crate::model::temporal::{Date, DateTime, Style, Zone};
use crate::model::{DataType, ValueRef};

/// Integers in the narrowest width that holds them all: most columns of real data fit in one or two bytes.
#[derive(Debug, Clone)]
pub(crate) enum Ints {
    W1(Section<i8>),
    W2(Section<i16>),
    W4(Section<i32>),
    W8(Section<i64>),
}

impl Ints {
    pub(super) fn from_i64(values: Vec<i64>) -> Self {
        let (min, max) = values
            .iter()
            .fold((0i64, 0i64), |(lo, hi), v| (lo.min(*v), hi.max(*v)));
        let fits = |lo: i64, hi: i64| lo <= min && max <= hi;
        if fits(i8::MIN.into(), i8::MAX.into()) {
            Self::W1(values.iter().map(|v| *v as i8).collect::<Vec<_>>().into())
        } else if fits(i16::MIN.into(), i16::MAX.into()) {
            Self::W2(values.iter().map(|v| *v as i16).collect::<Vec<_>>().into())
        } else if fits(i32::MIN.into(), i32::MAX.into()) {
            Self::W4(values.iter().map(|v| *v as i32).collect::<Vec<_>>().into())
        } else {
            Self::W8(values.into())
        }
    }

    fn of_width(width: u8) -> Option<Self> {
        match width {
            1 => Some(Self::W1(Section::default())),
            2 => Some(Self::W2(Section::default())),
            4 => Some(Self::W4(Section::default())),
            8 => Some(Self::W8(Section::default())),
            _ => None,
        }
    }

    fn width(&self) -> u8 {
        match self {
            Self::W1(_) => 1,
            Self::W2(_) => 2,
            Self::W4(_) => 4,
            Self::W8(_) => 8,
        }
    }

    pub(crate) fn get(&self, row: usize) -> i64 {
        match self {
            Self::W1(s) => s[row].into(),
            Self::W2(s) => s[row].into(),
            Self::W4(s) => s[row].into(),
            Self::W8(s) => s[row],
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::W1(s) => s.len(),
            Self::W2(s) => s.len(),
            Self::W4(s) => s.len(),
            Self::W8(s) => s.len(),
        }
    }

    fn visit<V: SectionVisitor>(&mut self, name: &str, v: &mut V) -> Result<(), V::Error> {
        match self {
            Self::W1(s) => v.section(name, s),
            Self::W2(s) => v.section(name, s),
            Self::W4(s) => v.section(name, s),
            Self::W8(s) => v.section(name, s),
        }
    }
}

/// The values of a column, without its nulls.
#[derive(Debug, Clone)]
pub(crate) enum Values {
    Bool(Section<u8>),
    Int(Ints),
    Float(Section<f64>),
    Text(Texts),
    Date(Section<i32>),
    DateTime {
        instant_us: Section<i64>,
        /// The distinct ways in which instants of this column are written, and which one each row uses (empty: all the first).
        styles: Vec<Style>,
        style_of: Section<u8>,
    },
    Json(Texts),
}

/// One column. Its parts are shared by all segments that show them; a segment that hides cells has `valid` bits of its own.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(super) values: Arc<Values>,
    /// One bit per row, set where there is a value; empty if there is one everywhere.
    pub(super) valid: Arc<Section<u64>>,
    /// Least and greatest value of each block.
    pub(super) zones: Arc<ZoneMap>,
}

/// What a snapshot's header says of a column: enough to know which sections to expect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnShape {
    data_type: DataType,
    width: u8,
    dictionary: bool,
    #[serde(default)]
    styles: Vec<StyleShape>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct StyleShape {
    space: bool,
    digits: u8,
    /// `null` is Z
    offset: Option<i16>,
    naive: bool,
}

impl Column {
    /// A column with its zones.
    pub(super) fn new(values: Values, valid: Section<u64>, rows: usize) -> Self {
        Self {
            zones: Arc::new(ZoneMap::build(&values, &valid, rows)),
            values: Arc::new(values),
            valid: Arc::new(valid),
        }
    }

    pub(crate) fn get(&self, row: usize) -> ValueRef<'_> {
        if !self.is_valid(row) {
            return ValueRef::Null;
        }
        match &*self.values {
            Values::Bool(s) => ValueRef::Bool(s[row] != 0),
            Values::Int(s) => ValueRef::Int(s.get(row)),
            Values::Float(s) => ValueRef::Float(s[row]),
            Values::Text(t) => ValueRef::Text(t.get(row)),
            Values::Date(s) => ValueRef::Date(Date(s[row])),
            Values::DateTime {
                instant_us,
                styles,
                style_of,
            } => {
                let style = styles[style_of.get(row).copied().map_or(0, usize::from)];
                ValueRef::DateTime(DateTime {
                    instant_us: instant_us[row],
                    style,
                })
            }
            Values::Json(t) => ValueRef::Json(t.get(row)),
        }
    }

    pub(super) fn is_valid(&self, row: usize) -> bool {
        self.valid.is_empty() || self.valid[row / 64] & (1 << (row % 64)) != 0
    }

    pub(super) fn shape(&self) -> ColumnShape {
        let mut shape = ColumnShape {
            data_type: DataType::Boolean,
            width: 0,
            dictionary: false,
            styles: Vec::new(),
        };
        match &*self.values {
            Values::Bool(_) => {}
            Values::Int(ints) => {
                shape.data_type = DataType::Integer;
                shape.width = ints.width();
            }
            Values::Float(_) => shape.data_type = DataType::Number,
            Values::Text(t) | Values::Json(t) => {
                shape.data_type = if matches!(*self.values, Values::Text(_)) {
                    DataType::String
                } else {
                    DataType::Json
                };
                (shape.dictionary, shape.width) = t.shape();
            }
            Values::Date(_) => shape.data_type = DataType::Date,
            Values::DateTime { styles, .. } => {
                shape.data_type = DataType::DateTime;
                shape.styles = styles.iter().map(StyleShape::of).collect();
            }
        }
        shape
    }

    /// An empty column of that shape, to be filled by [`Column::visit`]; `None` if the shape is impossible.
    pub(super) fn of_shape(shape: &ColumnShape) -> Option<Self> {
        let texts = || Texts::of_shape(shape.dictionary, shape.width);
        let values = match shape.data_type {
            DataType::Boolean => Values::Bool(Section::default()),
            DataType::Integer => Values::Int(Ints::of_width(shape.width)?),
            DataType::Number => Values::Float(Section::default()),
            DataType::String => Values::Text(texts()?),
            DataType::Json => Values::Json(texts()?),
            DataType::Date => Values::Date(Section::default()),
            DataType::DateTime => Values::DateTime {
                instant_us: Section::default(),
                styles: shape.styles.iter().map(StyleShape::style).collect(),
                style_of: Section::default(),
            },
        };
        Some(Self {
            zones: Arc::new(ZoneMap::of_values(&values)),
            values: Arc::new(values),
            valid: Arc::default(),
        })
    }

    pub(super) fn visit<V: SectionVisitor>(
        &mut self,
        name: &str,
        v: &mut V,
    ) -> Result<(), V::Error> {
        v.section(&format!("{name}.valid"), Arc::make_mut(&mut self.valid))?;
        Arc::make_mut(&mut self.zones).visit(name, v)?;
        match Arc::make_mut(&mut self.values) {
            Values::Bool(s) => v.section(name, s),
            Values::Int(ints) => ints.visit(name, v),
            Values::Float(s) => v.section(name, s),
            Values::Text(t) | Values::Json(t) => t.visit(name, v),
            Values::Date(s) => v.section(name, s),
            Values::DateTime {
                instant_us,
                style_of,
                ..
            } => {
                v.section(name, instant_us)?;
                v.section(&format!("{name}.style"), style_of)
            }
        }
    }

    /// True if every row can be read without going out of bounds.
    pub(super) fn is_sound(&self, rows: usize) -> bool {
        let valid = self.valid.is_empty() || self.valid.len() == rows.div_ceil(64);
        valid
            && self.zones.is_sound(rows)
            && match &*self.values {
                Values::Bool(s) => s.len() == rows,
                Values::Int(ints) => ints.len() == rows,
                Values::Float(s) => s.len() == rows,
                Values::Text(t) | Values::Json(t) => t.is_sound(rows),
                Values::Date(s) => s.len() == rows,
                Values::DateTime {
                    instant_us,
                    styles,
                    style_of,
                } => {
                    instant_us.len() == rows
                        && (style_of.is_empty() || style_of.len() == rows)
                        && (rows == 0 || !styles.is_empty())
                        && style_of.iter().all(|s| usize::from(*s) < styles.len())
                }
            }
    }
}

impl StyleShape {
    fn of(style: &Style) -> Self {
        let (offset, naive) = match style.zone {
            Zone::Utc => (None, false),
            Zone::Offset(m) => (Some(m), false),
            Zone::Naive(m) => (Some(m), true),
        };
        Self {
            space: style.space,
            digits: style.fraction_digits,
            offset,
            naive,
        }
    }

    fn style(&self) -> Style {
        Style {
            space: self.space,
            fraction_digits: self.digits.min(6),
            zone: match self.offset {
                None => Zone::Utc,
                Some(m) if self.naive => Zone::Naive(m),
                Some(m) => Zone::Offset(m),
            },
        }
    }
}
