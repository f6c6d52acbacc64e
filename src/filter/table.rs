//! What a filter needs to see of rows: typed columns and geometries.

use crate::geometry::grid::GridBox;
use crate::geometry::source::SourceGeometry;
use crate::model::temporal::Style;

/// Rows that a filter can be evaluated over. Rows are looked at in blocks of 64: one bit a row.
pub trait Table {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// The column of a property, by its place in the schema against which the filter was checked.
    fn column(&self, field: usize) -> Column<'_>;

    /// The geometry of a row in the storage CRS; `None` for a null geometry.
    fn geometry(&self, row: usize) -> Option<SourceGeometry<'_>>;

    /// Its box on the world grid; `None` if it has no place.
    fn grid_bbox(&self, row: usize) -> Option<GridBox>;
}

/// The values of one property.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// A value per row, of no meaning where the row has none.
    pub values: Values<'a>,
    /// One bit a row, set where there is a value; `None` if there is one everywhere.
    pub valid: Option<&'a [u64]>,
    /// Least and greatest value of each block of 64 rows, of no meaning where a block has no value; empty if not known.
    pub zones: Zones<'a>,
}

/// Values of one type.
#[derive(Debug, Clone, Copy)]
pub enum Values<'a> {
    /// 0 or 1.
    Bool(&'a [u8]),
    /// Integers of one byte.
    Int8(&'a [i8]),
    /// Integers of two bytes.
    Int16(&'a [i16]),
    /// Integers of four bytes.
    Int32(&'a [i32]),
    /// Integers of eight bytes.
    Int64(&'a [i64]),
    /// Doubles; may be infinite or NaN, which filters see as NULL.
    Float(&'a [f64]),
    /// A text of its own for each row.
    Text(Texts<'a>),
    /// Codes into a list of distinct texts in byte order.
    Dictionary(Codes<'a>, Texts<'a>),
    /// Days since 1970-01-01.
    Date(&'a [i32]),
    /// Microseconds since 1970-01-01T00:00:00Z, and how they were written.
    Timestamp(&'a [i64], Clocks<'a>),
    /// The text of one JSON value each.
    Json(Texts<'a>),
    /// The same by codes.
    JsonDictionary(Codes<'a>, Texts<'a>),
}

/// By which clock each instant of a column was written.
#[derive(Debug, Clone, Copy)]
pub struct Clocks<'a> {
    /// The distinct ways.
    pub styles: &'a [Style],
    /// Which one each row uses; empty if all use the first.
    pub style_of: &'a [u8],
}

impl Clocks<'_> {
    /// The time by which the day of an instant of that row is told, see [`Style::day_clock_us`].
    pub fn day_clock_us(&self, row: usize, instant_us: i64) -> i64 {
        let style = self.style_of.get(row).copied().map_or(0, usize::from);
        self.styles
            .get(style)
            .map_or(instant_us, |style| style.day_clock_us(instant_us))
    }
}

/// Texts one after the other; the `i`-th ends at `ends[i]`.
#[derive(Debug, Clone, Copy)]
pub struct Texts<'a> {
    /// Where each text ends.
    pub ends: &'a [u32],
    /// All texts, UTF-8.
    pub bytes: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The bytes of the `i`-th text.
    pub fn bytes(&self, i: usize) -> &'a [u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start as usize..self.ends[i] as usize]
    }

    /// The `i`-th text.
    pub fn get(&self, i: usize) -> &'a str {
        // Written from `str`s; a damaged page of a mapped file must not become a panic.
        std::str::from_utf8(self.bytes(i)).unwrap_or("")
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

/// Places in a dictionary.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub enum Codes<'a> {
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
}

impl Codes<'_> {
    /// The code of a row.
    pub fn get(&self, row: usize) -> usize {
        match self {
            Self::U8(codes) => codes[row].into(),
            Self::U16(codes) => codes[row].into(),
            Self::U32(codes) => codes[row] as usize,
        }
    }
}

/// Least and greatest value a block, in the frame of the values: `[min, max]` pairs.
#[derive(Debug, Clone, Copy, Default)]
pub enum Zones<'a> {
    /// Not known.
    #[default]
    None,
    /// Of integers, days and instants.
    Int(&'a [[i64; 2]]),
    /// Of doubles.
    Float(&'a [[f64; 2]]),
    /// Of dictionary codes.
    Code(&'a [[u32; 2]]),
    /// Of the first eight bytes of texts, most significant first, filled up with zeros.
    Prefix(&'a [[u64; 2]]),
}

/// The first eight bytes of a text, filled up, as a number that is ordered like them: what zones of texts hold (filled with 0), and what
/// is looked up in them.
pub fn head(text: &[u8], fill: u8) -> u64 {
    let mut bytes = [fill; 8];
    let length = text.len().min(8);
    bytes[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(bytes)
}
