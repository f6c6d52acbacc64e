//! A small table of all column types, with nulls.

use super::random::Random;
use crate::filter::{Clocks, Codes, Column, Shape, Table, Texts, Values, Zones, head};
use crate::geometry::grid::{self, GridBox};
use crate::geometry::source::{GeometryKind, SourceGeometry};
use crate::model::temporal::{Style, Zone};
use crate::model::{DataType, Field, Schema};

pub(super) struct Memory {
    pub(super) schema: Schema,
    columns: Vec<(Data, Vec<u64>, ZoneData)>,
    shapes: Vec<Option<Shape>>,
}

enum Data {
    Bool(Vec<u8>),
    Int8(Vec<i8>),
    Int64(Vec<i64>),
    Float(Vec<f64>),
    Text(Vec<u32>, Vec<u8>),
    Words(Vec<u16>, Vec<u32>, Vec<u8>),
    Date(Vec<i32>),
    Timestamp(Vec<i64>),
    Json(Vec<u32>, Vec<u8>),
}

enum ZoneData {
    None,
    Int(Vec<[i64; 2]>),
    Float(Vec<[f64; 2]>),
    Code(Vec<[u32; 2]>),
    Prefix(Vec<[u64; 2]>),
}

pub(super) const WORDS: [&str; 9] = ["", "A", "Ab", "a", "abc", "straße", "zz%", "É", "é\u{301}"];

/// Two hours ahead of UTC, and not said so.
const STYLES: [Style; 1] = [Style {
    space: false,
    fraction_digits: 0,
    zone: Zone::Naive(120),
}];

impl Memory {
    pub(super) fn random(random: &mut Random, rows: usize) -> Self {
        let fields = [
            ("b", DataType::Boolean),
            ("i", DataType::Integer),
            ("big", DataType::Integer),
            ("f", DataType::Number),
            ("s", DataType::String),
            ("w", DataType::String),
            ("d", DataType::Date),
            ("t", DataType::DateTime),
            ("j", DataType::Json),
        ];
        let schema = Schema {
            fields: fields.map(|(n, t)| Field::new(n, t)).to_vec(),
            geometry_kinds: vec![GeometryKind::Point, GeometryKind::Polygon],
            geometry_column: Some("geom".to_owned()),
            ..Schema::default()
        };
        let mut columns = Vec::new();
        for (_, data_type) in fields {
            let valid: Vec<u64> = (0..rows.div_ceil(64))
                .map(|_| random.next() | random.next())
                .collect();
            let wide = columns.len() == 2;
            let dictionary = columns.len() == 5;
            let (data, zones) = column(random, rows, &valid, data_type, wide, dictionary);
            columns.push((data, valid, zones));
        }
        let shapes = (0..rows).map(|_| shape(random)).collect();
        Self {
            schema,
            columns,
            shapes,
        }
    }
}

fn column(
    random: &mut Random,
    rows: usize,
    valid: &[u64],
    data_type: DataType,
    wide: bool,
    dictionary: bool,
) -> (Data, ZoneData) {
    // Runs of like values, so that zones settle some blocks.
    let mut small = |n: usize| -> Vec<usize> {
        let mut last = 0;
        (0..rows)
            .map(|_| {
                if random.below(4) == 0 {
                    last = random.below(n);
                }
                last
            })
            .collect()
    };
    const BIG: [i64; 5] = [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX];
    const FLOATS: [f64; 7] = [-1e300, -0.5, 0.0, 1.0, 1.5, f64::NAN, f64::INFINITY];
    match data_type {
        DataType::Boolean => (
            Data::Bool(small(2).iter().map(|v| *v as u8).collect()),
            ZoneData::None,
        ),
        DataType::Integer if wide => {
            let v: Vec<i64> = small(BIG.len()).iter().map(|i| BIG[*i]).collect();
            let zones = ZoneData::Int(zones(&v, valid, 0));
            (Data::Int64(v), zones)
        }
        DataType::Integer => (
            Data::Int8(small(9).iter().map(|v| *v as i8 - 3).collect()),
            ZoneData::None,
        ),
        DataType::Number => {
            let v: Vec<f64> = small(FLOATS.len()).iter().map(|i| FLOATS[*i]).collect();
            let mut pairs = Vec::new();
            for block in v.chunks(64) {
                let low = block.iter().copied().fold(f64::INFINITY, f64::min);
                let high = block.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let finite = block.iter().all(|v| v.is_finite());
                pairs.push(if finite {
                    [low, high]
                } else {
                    [f64::NEG_INFINITY, f64::INFINITY]
                });
            }
            (Data::Float(v), ZoneData::Float(pairs))
        }
        DataType::String if dictionary => {
            let codes: Vec<u16> = small(WORDS.len()).iter().map(|v| *v as u16).collect();
            let (ends, bytes) = arena(WORDS.iter().copied());
            let wide: Vec<u32> = codes.iter().map(|c| u32::from(*c)).collect();
            let zones = ZoneData::Code(zones(&wide, valid, 0));
            (Data::Words(codes, ends, bytes), zones)
        }
        DataType::String => {
            let picks = small(WORDS.len());
            let heads: Vec<u64> = picks
                .iter()
                .map(|i| head(WORDS[*i].as_bytes(), 0))
                .collect();
            let (ends, bytes) = arena(picks.iter().map(|i| WORDS[*i]));
            (
                Data::Text(ends, bytes),
                ZoneData::Prefix(zones(&heads, valid, 0)),
            )
        }
        DataType::Date => {
            let v: Vec<i32> = small(6).iter().map(|v| 18_260 + *v as i32).collect();
            let wide: Vec<i64> = v.iter().map(|d| i64::from(*d)).collect();
            (Data::Date(v), ZoneData::Int(zones(&wide, valid, 0)))
        }
        DataType::DateTime => {
            let v: Vec<i64> = small(8)
                .iter()
                .map(|v| 1_577_836_800_000_000 + *v as i64 * 30_000_000_000)
                .collect();
            let zones = ZoneData::Int(zones(&v, valid, 0));
            (Data::Timestamp(v), zones)
        }
        DataType::Json => {
            const ARRAYS: [&str; 6] = [
                "[]",
                "[1,2]",
                "[\"a\",\"b\"]",
                "[1,\"a\",null]",
                "{\"x\":1}",
                "3",
            ];
            let picks = small(ARRAYS.len());
            let (ends, bytes) = arena(picks.iter().map(|i| ARRAYS[*i]));
            (Data::Json(ends, bytes), ZoneData::None)
        }
    }
}

fn arena<'a>(texts: impl Iterator<Item = &'a str>) -> (Vec<u32>, Vec<u8>) {
    let (mut ends, mut bytes) = (Vec::new(), Vec::new());
    for text in texts {
        bytes.extend_from_slice(text.as_bytes());
        ends.push(bytes.len() as u32);
    }
    (ends, bytes)
}

fn zones<T: Copy + Ord>(values: &[T], valid: &[u64], zero: T) -> Vec<[T; 2]> {
    let mut zones = Vec::new();
    for (block, part) in values.chunks(64).enumerate() {
        let there = part
            .iter()
            .enumerate()
            .filter(|(i, _)| valid[block] & (1 << i) != 0)
            .map(|(_, v)| *v);
        let low = there.clone().min().unwrap_or(zero);
        zones.push([low, there.max().unwrap_or(zero)]);
    }
    zones
}

/// Points and squares on a small lattice, so that they touch often; sometimes none.
fn shape(random: &mut Random) -> Option<Shape> {
    let x = random.below(6) as f64;
    let y = random.below(6) as f64;
    match random.below(5) {
        0 => None,
        1 | 2 => Some(Shape {
            kind: GeometryKind::Point,
            counts: vec![1],
            xy: vec![[x, y]],
            z: vec![],
        }),
        _ => {
            let side = 1.0 + random.below(3) as f64;
            Some(Shape {
                kind: GeometryKind::Polygon,
                counts: vec![1, 5],
                xy: vec![
                    [x, y],
                    [x + side, y],
                    [x + side, y + side],
                    [x, y + side],
                    [x, y],
                ],
                z: vec![],
            })
        }
    }
}

impl Table for Memory {
    fn rows(&self) -> usize {
        self.shapes.len()
    }

    fn column(&self, field: usize) -> Column<'_> {
        let (data, valid, zones) = &self.columns[field];
        let texts = |ends, bytes| Texts { ends, bytes };
        Column {
            values: match data {
                Data::Bool(v) => Values::Bool(v),
                Data::Int8(v) => Values::Int8(v),
                Data::Int64(v) => Values::Int64(v),
                Data::Float(v) => Values::Float(v),
                Data::Text(ends, bytes) => Values::Text(texts(ends, bytes)),
                Data::Words(codes, ends, bytes) => {
                    Values::Dictionary(Codes::U16(codes), texts(ends, bytes))
                }
                Data::Date(v) => Values::Date(v),
                Data::Timestamp(v) => Values::Timestamp(
                    v,
                    Clocks {
                        styles: &STYLES,
                        style_of: &[],
                    },
                ),
                Data::Json(ends, bytes) => Values::Json(texts(ends, bytes)),
            },
            valid: Some(valid),
            zones: match zones {
                ZoneData::None => Zones::None,
                ZoneData::Int(z) => Zones::Int(z),
                ZoneData::Float(z) => Zones::Float(z),
                ZoneData::Code(z) => Zones::Code(z),
                ZoneData::Prefix(z) => Zones::Prefix(z),
            },
        }
    }

    fn geometry(&self, row: usize) -> Option<SourceGeometry<'_>> {
        self.shapes[row].as_ref().map(Shape::as_source)
    }

    fn grid_bbox(&self, row: usize) -> Option<GridBox> {
        let points: Vec<_> = self.shapes[row]
            .as_ref()?
            .xy
            .iter()
            .map(|p| grid::from_lonlat(p[0], p[1]))
            .collect();
        Some(GridBox::around(&points))
    }
}
