//! Makes the parts of worlds. Every text and number that it makes occurs nowhere else, so that whoever sees it has seen that part.

use std::collections::BTreeMap;

use guichet::access::{Access, Discovery};
use guichet::catalog::TileSettings;
use guichet::geometry::crs::Crs;
use guichet::model::DataType;
use guichet::model::metadata::Metadata;

use crate::canary;
use crate::rng::Rng;
use crate::shapes::{Kind, in_crs};
use crate::world::{Field, IdRule, Layer, Row, Value};

const TYPES: [DataType; 7] = [
    DataType::String,
    DataType::Integer,
    DataType::Number,
    DataType::Boolean,
    DataType::Date,
    DataType::DateTime,
    DataType::Json,
];
/// Texts that are awkward to write down.
const AWKWARD: [&str; 6] = [
    "é’œ ",
    "L'\"Étang\" ",
    "<b>&amp; ",
    "100 % \\ ",
    "日本 🦀 ",
    "",
];

/// See the module.
#[derive(Debug, Clone)]
pub struct Maker {
    pub rng: Rng,
    /// Places around which much happens: borders of areas, crowded cells.
    pub hot: Vec<[f64; 2]>,
}

impl Maker {
    pub fn new(seed: u64, purpose: &str) -> Self {
        Self {
            rng: Rng::new(seed, purpose),
            hot: Vec::new(),
        }
    }

    pub fn token(&mut self) -> String {
        canary::token(&mut self.rng)
    }

    /// A token behind a text that is awkward to write.
    pub fn text(&mut self) -> String {
        let prefix = *self.rng.pick(&AWKWARD);
        format!("{prefix}{}", self.token())
    }

    pub fn metadata(&mut self, title: &str) -> Metadata {
        let some = |maker: &mut Self| (!maker.rng.one_in(3)).then(|| maker.text());
        Metadata {
            title: format!("{title} {}", self.token()),
            description: some(self),
            keywords: (0..self.rng.below(3)).map(|_| self.token()).collect(),
            licence: Some("etalab-2.0".to_owned()),
            attribution: some(self),
            contact: some(self),
            updated: None,
            label: None,
            publisher: None,
        }
    }

    pub fn field(&mut self, place: usize, declared: bool) -> Field {
        let data_type = TYPES[place % TYPES.len()];
        let codes = match data_type {
            // The first of a layer that says all of its types has few values, to choose by.
            DataType::String if declared && (place == 0 || self.rng.one_in(3)) => {
                let pairs = (0..3).map(|_| (self.token(), self.text()));
                pairs.collect()
            }
            _ => BTreeMap::new(),
        };
        Field {
            name: format!("{}{}", self.rng.pick(&["", "é", "a b-"]), self.token()),
            data_type,
            title: self.rng.one_in(2).then(|| self.text()),
            codes,
            // Texts that look like dates are dates only if somebody says so.
            declared: declared || matches!(data_type, DataType::Json | DataType::Number),
        }
    }

    pub fn value(&mut self, field: &Field) -> Value {
        if self.rng.one_in(8) {
            return Value::Null;
        }
        match field.data_type {
            DataType::String if !field.codes.is_empty() => {
                let codes: Vec<_> = field.codes.keys().collect();
                Value::Text((*self.rng.pick(&codes)).clone())
            }
            DataType::String => Value::Text(self.text()),
            DataType::Integer => Value::Int(self.integer()),
            DataType::Number => {
                let sign = if self.rng.one_in(3) { -1.0 } else { 1.0 };
                Value::Number(sign * self.integer() as f64 / 1e9)
            }
            DataType::Boolean => Value::Bool(self.rng.one_in(2)),
            DataType::Date => Value::Text(self.day()),
            DataType::DateTime => {
                let day = self.day();
                let (h, m, us) = (
                    self.rng.below(24),
                    self.rng.below(60),
                    self.rng.below(1_000_000),
                );
                Value::Text(format!("{day}T{h:02}:{m:02}:17.{us:06}Z"))
            }
            DataType::Json => {
                Value::Json(format!("{{\"{}\":[1,\"{}\"]}}", self.token(), self.token()))
            }
        }
    }

    fn day(&mut self) -> String {
        let (y, m, d) = (
            self.rng.between(1000, 2090),
            self.rng.below(12) + 1,
            self.rng.below(28) + 1,
        );
        format!("{y}-{m:02}-{d:02}")
    }

    /// Fifteen digits, exact as a double too.
    pub fn integer(&mut self) -> i64 {
        self.rng.between(100_000_000_000_000, 999_999_999_999_999) / 10 * 10
            + self.rng.between(1, 9)
    }

    /// A feature of a layer, somewhere.
    pub fn row(&mut self, kind: Kind, layer: &Layer) -> Row {
        let at = self.place();
        self.row_at(kind, layer, at)
    }

    /// A feature of a layer around a place in degrees. One in twelve has no shape.
    pub fn row_at(&mut self, kind: Kind, layer: &Layer, at: [f64; 2]) -> Row {
        let mut values: Vec<_> = layer.fields.iter().map(|f| self.value(f)).collect();
        if let IdRule::Declared(place) = layer.ids {
            values[place] = Value::Text(self.token());
        }
        let shape = if self.rng.one_in(12) {
            None
        } else {
            self.shape(kind, at)
        };
        Row {
            id: (layer.ids == IdRule::File).then(|| Value::Int(self.integer())),
            shape: shape.map(|s| in_crs(s, layer.crs)),
            values,
        }
    }

    /// A layer that an organisation owns, with that many rows.
    pub fn layer(
        &mut self,
        kind: Kind,
        organisation: Option<&str>,
        access: Access,
        rows: usize,
    ) -> Layer {
        let token = self.token();
        let name = format!("{kind:?}").to_lowercase();
        let declared = access == Access::Restricted || self.rng.one_in(2);
        let first = if access == Access::Restricted {
            0
        } else {
            self.rng.below(TYPES.len())
        };
        let mut fields: Vec<_> = (0..4 + self.rng.below(4))
            .map(|i| self.field(first + i, declared))
            .collect();
        let ids = match self.rng.below(3) {
            0 => {
                let mut id = self.field(0, true);
                id.codes.clear();
                fields.push(id);
                IdRule::Declared(fields.len() - 1)
            }
            1 => IdRule::File,
            // A restricted layer without ids of its own is another matter.
            _ if access == Access::Restricted => IdRule::File,
            _ => IdRule::Position,
        };
        let mut metadata = self.metadata(&name);
        let texts: Vec<_> = fields
            .iter()
            .filter(|f| f.data_type == DataType::String && f.declared)
            .collect();
        if !texts.is_empty() && self.rng.one_in(2) {
            metadata.label = Some(self.rng.pick(&texts).name.clone());
        }
        let time = fields
            .iter()
            .find(|f| f.declared && matches!(f.data_type, DataType::Date | DataType::DateTime));
        let lambert = kind != Kind::Table && self.rng.one_in(4);
        let mut layer = Layer {
            id: organisation.map_or_else(
                || format!("{name}-{token}"),
                |o| format!("{o}.{name}-{token}"),
            ),
            organisation: organisation.map(str::to_owned),
            access,
            discovery: *self
                .rng
                .pick(&[Discovery::Hidden, Discovery::Hidden, Discovery::Listed]),
            metadata,
            time: time.map(|f| f.name.clone()),
            fields,
            ids,
            tiles: self.tiles(access),
            crs: if lambert { Crs::LAMBERT_93 } else { Crs::CRS84 },
            rows: Vec::new(),
        };
        layer.rows = (0..rows).map(|_| self.row(kind, &layer)).collect();
        // Types that are not declared are seen in the rows: the first has a value of each, and a shape.
        if let Some(row) = layer.rows.first_mut() {
            for (value, field) in row.values.iter_mut().zip(&layer.fields) {
                while *value == Value::Null {
                    *value = self.value(field);
                }
            }
            let at = self.place();
            row.shape = self.shape(kind, at).map(|s| in_crs(s, layer.crs));
        }
        layer
    }

    /// What a restricted layer shows of its zooms is declared.
    fn tiles(&mut self, access: Access) -> TileSettings {
        let declared = access == Access::Restricted || self.rng.one_in(3);
        TileSettings {
            min_zoom: declared.then_some(0),
            max_zoom: declared.then_some(16),
            properties: None,
        }
    }
}
