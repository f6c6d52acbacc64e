//! How many bytes a segment takes.

use super::column::{Column, Ints, Values};
use super::ids::{IdColumn, Ids};
use super::part::Part;
use super::row_set::RowSet;
use super::segment::Segment;
use super::shapes::{GridShapes, SourceShapes};
use super::text::{Arena, Codes, Texts};
use super::zones::ZoneMap;

/// What an `Arc` and its lists cost where there is next to nothing in them.
const PART: usize = 64;

impl Segment {
    /// Bytes of all its parts, shared or not, in memory or in a mapped file.
    pub(crate) fn bytes(&self) -> usize {
        let columns: usize = self.columns.iter().map(Column::bytes).sum();
        let tree = self.located.div_ceil(super::blocks::BLOCK_ROWS) * super::blocks::BLOCK_BYTES;
        columns + self.source.bytes() + self.grid.bytes() + self.ids.bytes() + tree
    }

    /// Bytes of its parts that `base`, from which it was made, does not have.
    pub(crate) fn bytes_beside(&self, base: &Self) -> usize {
        let own = |column: &Column| {
            let shared = |of: &Column| std::sync::Arc::ptr_eq(&of.values, &column.values);
            if base.columns.iter().any(shared) {
                let valid = |of: &Column| std::sync::Arc::ptr_eq(&of.valid, &column.valid);
                if base.columns.iter().any(valid) {
                    0
                } else {
                    column.valid.bytes()
                }
            } else {
                column.bytes()
            }
        };
        let columns: usize = self.columns.iter().map(|c| own(c) + PART).sum();
        let ids = match &self.ids.column {
            IdColumn::Given(..) => self.ids.bytes(),
            _ => 0,
        };
        columns + ids + size_of::<Self>()
    }
}

impl Column {
    fn bytes(&self) -> usize {
        let values = match &*self.values {
            Values::Bool(s) => s.bytes(),
            Values::Int(Ints::W1(s)) => s.bytes(),
            Values::Int(Ints::W2(s)) => s.bytes(),
            Values::Int(Ints::W4(s)) => s.bytes(),
            Values::Int(Ints::W8(s)) => s.bytes(),
            Values::Float(s) => s.bytes(),
            Values::Text(t) | Values::Json(t) => t.bytes(),
            Values::Date(s) => s.bytes(),
            Values::DateTime {
                instant_us,
                style_of,
                ..
            } => instant_us.bytes() + style_of.bytes(),
        };
        let zones = match &*self.zones {
            ZoneMap::None => 0,
            ZoneMap::Int(s) => s.bytes(),
            ZoneMap::Float(s) => s.bytes(),
            ZoneMap::Code(s) => s.bytes(),
            ZoneMap::Prefix(s) => s.bytes(),
        };
        values + zones + self.valid.bytes() + 3 * PART
    }
}

impl Texts {
    fn bytes(&self) -> usize {
        match self {
            Self::Plain(arena) => arena.bytes(),
            Self::Dictionary { codes, words } => {
                words.bytes()
                    + match codes {
                        Codes::W1(s) => s.bytes(),
                        Codes::W2(s) => s.bytes(),
                        Codes::W4(s) => s.bytes(),
                    }
            }
        }
    }
}

impl Arena {
    fn bytes(&self) -> usize {
        let [ends, bytes] = self.sections();
        ends + bytes
    }
}

impl Ids {
    fn bytes(&self) -> usize {
        let column = match &self.column {
            IdColumn::Property(_) => 0,
            IdColumn::Small(s) => s.bytes(),
            IdColumn::Int(s) => s.bytes(),
            IdColumn::Text(a) => a.bytes(),
            IdColumn::Given(_, s) => s.bytes(),
        };
        column + self.by_id.bytes()
    }
}

impl SourceShapes {
    fn bytes(&self) -> usize {
        let structure = self.kinds.bytes() + self.counts_end.bytes() + self.counts.bytes();
        structure + self.xy_end.bytes() + self.xy.bytes() + self.z.bytes() + self.m.bytes()
    }
}

impl GridShapes {
    fn bytes(&self) -> usize {
        let structure = self.path_kind.bytes() + self.row_end.bytes() + self.path_end.bytes();
        structure + self.xy.bytes() + self.importance.bytes() + self.bbox.bytes()
    }
}

impl Part {
    /// Bytes of the set of its rows.
    pub(crate) fn set_bytes(&self) -> usize {
        self.set().map_or(0, RowSet::bytes)
    }
}

impl RowSet {
    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.blocks() * Self::BLOCK_BYTES
    }
}
