//! What a case is made of: plain values, small enough to be thought through by hand. A layer of a few rows on a lattice, a policy over
//! it, callers, an instant. They know nothing of the server's own types; `real` makes those out of them, `export` files.

use std::collections::{BTreeMap, BTreeSet};

/// Cells of the lattice on each side.
pub const SIDE: u8 = 6;
/// Properties of the layer: three that it declares, and one that it does not.
pub const FIELDS: [&str; 4] = ["a", "b", "c", "d"];
/// The layer on which all is asked.
pub const LAYER: &str = "o0.parcels";
/// Another one, to name in grants and scopes.
pub const OTHER_LAYER: &str = "o1.other";

/// Where an atom of a shape is: twice the coordinates of its middle, so that corners are (even, even), cells (odd, odd), and the
/// sides of cells (odd, even) or (even, odd).
pub type Atom = (u8, u8);

/// A union of cells of the lattice, by their middles.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ground(pub BTreeSet<Atom>);

/// Points (corners or middles of cells), a line (sides of cells) or an area (cells).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    pub dimension: u8,
    pub atoms: BTreeSet<Atom>,
}

#[derive(Debug, Clone)]
pub struct Row {
    pub values: [Option<i64>; FIELDS.len()],
    pub shape: Option<Shape>,
}

/// A row filter.
#[derive(Debug, Clone)]
pub enum Test {
    Known(bool),
    /// A property, one of `= <> < > <= >=`, a number.
    Compare(usize, &'static str, i64),
    Between(usize, i64, i64),
    In(usize, Vec<i64>),
    IsNull(usize),
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
    /// A text that is no filter of this layer.
    Faulty(&'static str),
}

/// An area as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// A geometry.
    Drawn(Ground),
    /// The union of features of a layer; what becomes of that depends on its name: see [`Case::drawn`].
    Layer(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Clip,
    Intersects,
    Within,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    Jurisdiction,
    Given(Area),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    Mask,
    Recompute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sum {
    Sum,
    Mean,
    Min,
    Max,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cells {
    pub grid_m: u32,
    pub min_count: u64,
    pub sums: BTreeMap<String, Sum>,
}

#[derive(Debug, Clone)]
pub struct Profile {
    pub author: Option<usize>,
    pub rows: Test,
    /// `None` is all.
    pub attributes: Option<BTreeSet<String>>,
    pub area: Option<(Which, Mode)>,
    pub derived: BTreeMap<String, Rule>,
    pub zooms: (u8, u8),
    pub precision: Option<Cells>,
    pub formats: Option<BTreeSet<&'static str>>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    Public,
    Authenticated,
    Organisation(usize),
    Group(&'static str),
    Key(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    Discover,
    Tiles,
    Items,
    Export,
}

#[derive(Debug, Clone)]
pub struct Grant {
    pub subject: Subject,
    pub layers: BTreeSet<&'static str>,
    /// May name none of the profiles.
    pub profile: usize,
    pub actions: BTreeSet<Action>,
    pub from: Option<i64>,
    pub until: Option<i64>,
    pub terms: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scopes {
    pub layers: Option<BTreeSet<&'static str>>,
    pub actions: Option<BTreeSet<Action>>,
    pub profile: Option<usize>,
    pub max_zoom: Option<u8>,
}

#[derive(Debug, Clone)]
pub struct Organisation {
    pub parent: Option<usize>,
    pub siret: Option<&'static str>,
    pub jurisdiction: Option<Area>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Reader,
    Editor,
    Publisher,
    Admin,
}

#[derive(Debug, Clone)]
pub struct Member {
    /// May name none of the organisations.
    pub organisation: usize,
    pub role: Role,
    pub groups: BTreeSet<&'static str>,
    /// The subject by which the one identity provider names the member.
    pub identity: Option<&'static str>,
    pub until: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Key {
    pub organisation: usize,
    pub member: Option<usize>,
    pub browser: bool,
    pub scopes: Scopes,
    pub from: Option<i64>,
    pub until: Option<i64>,
    /// The key that was made in its place.
    pub next: Option<u32>,
    pub revoked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Layer(&'static str),
    Key(u32),
    Member(usize),
    Organisation(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Draft,
    Published,
    Withdrawn,
}

#[derive(Debug, Clone, Default)]
pub struct Policy {
    pub organisations: Vec<Organisation>,
    pub members: Vec<Member>,
    pub profiles: Vec<Profile>,
    pub grants: Vec<Grant>,
    /// The id of a key is its place.
    pub keys: Vec<Key>,
    pub suspensions: Vec<Target>,
    /// Organisation and version of the one text of terms.
    pub accepted: BTreeSet<(usize, u64)>,
    /// Of the layer.
    pub state: Option<State>,
    pub embargo: Option<i64>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Caller {
    Anonymous,
    Operator,
    /// A key, and what a signed URL narrows it to besides.
    Key(u32, Option<Scopes>),
    /// A checked token: subject, siret, groups.
    Token(&'static str, Option<&'static str>, BTreeSet<&'static str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    Discover,
    Tiles(u8),
    Tilesets,
    Items,
    Export,
}

/// A surface in a format; `None` is one that nobody names.
pub type Face = (Surface, Option<&'static str>);

#[derive(Debug, Clone)]
pub struct Case {
    pub rows: Vec<Row>,
    pub open: bool,
    /// The organisation that owns the layer is the first, unless nobody does.
    pub owned: bool,
    pub policy: Policy,
    pub callers: Vec<Caller>,
    pub now: i64,
}

/// No limit of zooms.
pub const ALL_ZOOMS: (u8, u8) = (0, u8::MAX);
pub const ALL_ACTIONS: [Action; 4] = [
    Action::Discover,
    Action::Tiles,
    Action::Items,
    Action::Export,
];

impl Policy {
    /// An organisation and those above it; one that is above itself has nobody above.
    pub fn with_hosts(&self, organisation: usize) -> Vec<usize> {
        let mut all = vec![organisation];
        let mut last = organisation;
        while let Some(parent) = self.organisations.get(last).and_then(|o| o.parent) {
            if parent >= self.organisations.len() {
                break;
            }
            if all.contains(&parent) {
                return vec![organisation];
            }
            all.push(parent);
            last = parent;
        }
        all
    }
}

impl Row {
    /// Those of its shape.
    pub fn atoms(&self) -> BTreeSet<Atom> {
        self.shape.iter().flat_map(|s| s.atoms.clone()).collect()
    }
}

impl Case {
    /// The ground that an area means, if it means any.
    pub fn drawn(area: &Area) -> Option<Ground> {
        match area {
            Area::Drawn(ground) => Some(ground.clone()),
            // Layers of the first organisation, of the second (one of them open), and one that is not there.
            Area::Layer("o0.zone" | "o1.open" | "o1.closed") => Some(Ground::rectangle(1, 1, 3, 4)),
            Area::Layer(_) => None,
        }
    }
}

impl Ground {
    /// Cells from a corner, so many wide and high, as far as the lattice goes.
    pub fn rectangle(x: u8, y: u8, width: u8, height: u8) -> Self {
        let columns = x..(x + width).min(SIDE);
        let cells = columns.flat_map(|i| (y..(y + height).min(SIDE)).map(move |j| (i, j)));
        Self(cells.map(|(i, j)| (2 * i + 1, 2 * j + 1)).collect())
    }
}

impl Shape {
    /// True if an atom lies in the closed ground, or, with `reach` 1, shares at least a corner with it.
    pub fn meets(&self, (x, y): Atom, ground: &Ground, reach: u8) -> bool {
        let extent = |c: u8| {
            if self.dimension == 2 || self.dimension == 1 && c % 2 == 1 {
                reach
            } else {
                0
            }
        };
        let near = |c: u8, middle: u8| c.abs_diff(middle) <= 1 + extent(c);
        ground.0.iter().any(|(i, j)| near(x, *i) && near(y, *j))
    }
}

impl Test {
    /// True if something in it is no filter of this layer.
    /// The places of the properties that it names.
    pub fn properties(&self) -> BTreeSet<usize> {
        match self {
            Test::Known(_) | Test::Faulty(_) => BTreeSet::new(),
            Test::IsNull(f) | Test::Between(f, ..) | Test::In(f, _) | Test::Compare(f, ..) => {
                [*f].into()
            }
            Test::Not(inner) => inner.properties(),
            Test::And(all) | Test::Or(all) => all.iter().flat_map(Self::properties).collect(),
        }
    }

    pub fn is_faulty(&self) -> bool {
        match self {
            Self::Faulty(_) => true,
            Self::Not(inner) => inner.is_faulty(),
            Self::And(all) | Self::Or(all) => all.iter().any(Self::is_faulty),
            _ => false,
        }
    }

    /// Three-valued: a comparison with nothing is unknown.
    pub fn truth(&self, row: &Row) -> Option<bool> {
        let value = |f: &usize| row.values[*f];
        match self {
            Test::Known(known) => Some(*known),
            Test::Faulty(_) => None,
            Test::IsNull(f) => Some(value(f).is_none()),
            Test::Between(f, low, high) => Some((*low..=*high).contains(&value(f)?)),
            Test::In(f, list) => Some(list.contains(&value(f)?)),
            Test::Compare(f, op, n) => Some(match *op {
                "=" => value(f)? == *n,
                "<>" => value(f)? != *n,
                "<" => value(f)? < *n,
                ">" => value(f)? > *n,
                "<=" => value(f)? <= *n,
                _ => value(f)? >= *n,
            }),
            Test::Not(inner) => inner.truth(row).map(|t| !t),
            Test::And(all) => fold(all, row, false),
            Test::Or(all) => fold(all, row, true),
        }
    }
}

/// `settles` settles it; else unknown if one is; else the contrary.
fn fold(all: &[Test], row: &Row, settles: bool) -> Option<bool> {
    let each: Vec<_> = all.iter().map(|t| t.truth(row)).collect();
    if each.contains(&Some(settles)) {
        return Some(settles);
    }
    (!each.contains(&None)).then_some(!settles)
}

/// What is seen of a feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Properties, by place; `true` where the value is computed anew from the geometry that is shown.
    pub attributes: BTreeMap<usize, bool>,
    pub geometry: Geometry,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Geometry {
    /// The row has none.
    Absent,
    Whole,
    /// What is left of it.
    Cut(BTreeSet<Atom>),
    /// It is counted in a cell of that precision, chosen by that part of it.
    Cell(Cells, BTreeSet<Atom>),
}

/// What is seen of a layer on one face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sight {
    /// The credential is refused.
    Refused,
    /// The layer is not there.
    Nothing,
    /// Each row, and the properties that the layer seems to have.
    Rows(Vec<Option<Seen>>, BTreeSet<usize>),
}
