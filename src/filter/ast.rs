//! The tree of a filter, as both encodings of CQL2 say it.

use super::shape::{BboxLiteral, Shape};
use crate::model::temporal::Date;

/// Where a part stands in the text of the filter: bytes `start..end` of its UTF-8.
///
/// All spans are equal: trees are compared by what they say, not by where it was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        // Texts are at most `Limits::length_bytes` long, far below 4 GiB.
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    /// From the start of `self` to the end of `other`.
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start,
            end: other.end,
        }
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A part of a filter and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it says.
    pub node: Node,
    /// Where it was written.
    pub at: Span,
}

impl Expr {
    /// A part at that place.
    pub fn new(node: Node, at: Span) -> Self {
        Self { node, at }
    }
}

/// What a part of a filter can be. Lists of `And` and `Or` have two members or more and no member that is again an `And`, or an `Or`:
/// `a AND b AND c` is one node, however it was bracketed.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `TRUE`, `FALSE`
    Bool(bool),
    /// A whole number that fits 64 bits.
    Int(i64),
    /// Any other number; finite.
    Float(f64),
    /// `'text'`
    Text(String),
    /// `DATE('2024-02-29')`
    Date(Date),
    /// `TIMESTAMP('2024-02-29T12:00:00Z')`: microseconds since 1970-01-01T00:00:00Z. Finer digits are cut.
    Timestamp(i64),
    /// `INTERVAL(a, b)`
    Interval(Box<[Bound; 2]>),
    /// A geometry in WKT or GeoJSON.
    Geometry(Shape),
    /// `BBOX(west, south, east, north)`, with heights if it has six numbers.
    Bbox(BboxLiteral),
    /// `('a', 1, …)`, may be empty
    Array(Vec<Expr>),
    /// The name of a property, or of the geometry.
    Property(String),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// `NOT a`
    Not(Box<Expr>),
    /// `a < b`
    Compare(CompareOp, Box<[Expr; 2]>),
    /// `text LIKE pattern`; the pattern is a text in any number of `CASEI` and `ACCENTI`.
    Like(Box<[Expr; 2]>),
    /// `a BETWEEN low AND high`, both included
    Between(Box<[Expr; 3]>),
    /// `a IN (…)`, none or more members
    In(Box<Expr>, Vec<Expr>),
    /// `a IS NULL`
    IsNull(Box<Expr>),
    /// `a + b`
    Arithmetic(ArithmeticOp, Box<[Expr; 2]>),
    /// `CASEI(a)`, `ACCENTI(a)`
    Fold(FoldOp, Box<Expr>),
    /// `S_INTERSECTS(a, b)`
    Spatial(SpatialOp, Box<[Expr; 2]>),
    /// `T_BEFORE(a, b)`
    Temporal(TemporalOp, Box<[Expr; 2]>),
    /// `A_CONTAINS(a, b)`
    ArrayRelation(ArrayOp, Box<[Expr; 2]>),
    /// `name(a, b, …)`; the name as it was written
    Function(String, Vec<Expr>),
}

impl Node {
    /// False for what no schema makes true or false. A property may be of type boolean, a function give one: that is for the check to say.
    pub fn may_be_true(&self) -> bool {
        !matches!(
            self,
            Self::Int(_)
                | Self::Float(_)
                | Self::Text(_)
                | Self::Date(_)
                | Self::Timestamp(_)
                | Self::Interval(_)
                | Self::Geometry(_)
                | Self::Bbox(_)
                | Self::Array(_)
                | Self::Fold(..)
                | Self::Arithmetic(..)
        )
    }
}

/// An end of an interval.
#[derive(Debug, Clone, PartialEq)]
pub enum Bound {
    /// `'..'`
    Open,
    /// A date, a timestamp, a property or a function.
    At(Expr),
}

macro_rules! operators {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal, $json:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As CQL2 text writes it.
            pub fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// As the `op` of CQL2 JSON writes it.
            pub fn json(self) -> &'static str {
                match self { $(Self::$variant => $json),* }
            }

            /// The operator of that name in either encoding, in any mixture of cases.
            pub fn find(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|op| op.text().eq_ignore_ascii_case(name) || op.json().eq_ignore_ascii_case(name))
            }
        }
    };
}

operators! {
    /// Comparisons of scalars (§6.5).
    #[allow(missing_docs)]
    CompareOp {
        Equal = "=", "=";
        NotEqual = "<>", "<>";
        Less = "<", "<";
        Greater = ">", ">";
        LessOrEqual = "<=", "<=";
        GreaterOrEqual = ">=", ">=";
    }
}

operators! {
    /// Arithmetic (§7.12).
    #[allow(missing_docs)]
    ArithmeticOp {
        Add = "+", "+";
        Subtract = "-", "-";
        Multiply = "*", "*";
        Divide = "/", "/";
        /// The remainder, with the sign of the dividend.
        Remainder = "%", "%";
        /// The quotient, cut towards zero.
        WholeDivide = "div", "div";
        Power = "^", "^";
    }
}

operators! {
    /// Texts made comparable (§7.3, §7.4).
    FoldOp {
        /// Case folding.
        Casei = "CASEI", "casei";
        /// Without accents.
        Accenti = "ACCENTI", "accenti";
    }
}

operators! {
    /// Relations of geometries (§7.7, after OGC 06-103r4).
    #[allow(missing_docs)]
    SpatialOp {
        Contains = "S_CONTAINS", "s_contains";
        Crosses = "S_CROSSES", "s_crosses";
        Disjoint = "S_DISJOINT", "s_disjoint";
        Equals = "S_EQUALS", "s_equals";
        Intersects = "S_INTERSECTS", "s_intersects";
        Overlaps = "S_OVERLAPS", "s_overlaps";
        Touches = "S_TOUCHES", "s_touches";
        Within = "S_WITHIN", "s_within";
    }
}

operators! {
    /// Relations in time (§7.8, after the Time Ontology in OWL).
    #[allow(missing_docs)]
    TemporalOp {
        After = "T_AFTER", "t_after";
        Before = "T_BEFORE", "t_before";
        Contains = "T_CONTAINS", "t_contains";
        Disjoint = "T_DISJOINT", "t_disjoint";
        During = "T_DURING", "t_during";
        Equals = "T_EQUALS", "t_equals";
        FinishedBy = "T_FINISHEDBY", "t_finishedBy";
        Finishes = "T_FINISHES", "t_finishes";
        Intersects = "T_INTERSECTS", "t_intersects";
        Meets = "T_MEETS", "t_meets";
        MetBy = "T_METBY", "t_metBy";
        OverlappedBy = "T_OVERLAPPEDBY", "t_overlappedBy";
        Overlaps = "T_OVERLAPS", "t_overlaps";
        StartedBy = "T_STARTEDBY", "t_startedBy";
        Starts = "T_STARTS", "t_starts";
    }
}

operators! {
    /// Relations of arrays (§7.9).
    #[allow(missing_docs)]
    ArrayOp {
        ContainedBy = "A_CONTAINEDBY", "a_containedBy";
        Contains = "A_CONTAINS", "a_contains";
        Equals = "A_EQUALS", "a_equals";
        Overlaps = "A_OVERLAPS", "a_overlaps";
    }
}

impl CompareOp {
    /// The comparison with its sides exchanged.
    pub fn turned(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::Greater => Self::Less,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::GreaterOrEqual => Self::LessOrEqual,
            Self::Equal | Self::NotEqual => self,
        }
    }
}

impl SpatialOp {
    /// The relation with its sides exchanged. All but two are symmetric by their definition, crosses and overlaps too.
    pub fn reversed(self) -> Self {
        match self {
            Self::Contains => Self::Within,
            Self::Within => Self::Contains,
            symmetric => symmetric,
        }
    }
}

impl TemporalOp {
    /// The relation with its sides exchanged.
    pub fn reversed(self) -> Self {
        match self {
            Self::After => Self::Before,
            Self::Before => Self::After,
            Self::Contains => Self::During,
            Self::During => Self::Contains,
            Self::Finishes => Self::FinishedBy,
            Self::FinishedBy => Self::Finishes,
            Self::Meets => Self::MetBy,
            Self::MetBy => Self::Meets,
            Self::Overlaps => Self::OverlappedBy,
            Self::OverlappedBy => Self::Overlaps,
            Self::Starts => Self::StartedBy,
            Self::StartedBy => Self::Starts,
            Self::Disjoint | Self::Equals | Self::Intersects => self,
        }
    }
}
