//! A checked filter: names are places in the schema, types fit, what is constant is computed.

use super::ast::{ArithmeticOp, ArrayOp, CompareOp, FoldOp, SpatialOp, TemporalOp};
use super::functions::Function;
use super::like::Pattern;
use super::spatial::Prepared;
use super::value::Value;

/// Something true, false or unknown of a row.
#[derive(Debug)]
pub(super) enum Predicate {
    /// The same for every row.
    Known(Option<bool>),
    /// All of them.
    All(Vec<Predicate>),
    /// One of them.
    Any(Vec<Predicate>),
    /// Not that.
    Not(Box<Predicate>),
    /// The term has no value.
    IsNull(Term),
    /// A boolean term.
    Holds(Term),
    /// Two terms of comparable types.
    Compare(CompareOp, Box<[Term; 2]>),
    /// A text that matches.
    Like(Term, Pattern),
    /// A term that equals one of others.
    In(Term, Vec<Term>),
    /// A term that equals one of these values, which are in order; none of them is NULL.
    InSet(Term, Vec<Value<'static>>),
    /// The row's geometry, against a geometry of the filter.
    Spatial(SpatialOp, Box<Prepared>),
    /// Two geometries of which neither or both are the row's own.
    Relate(SpatialOp, Box<[Term; 2]>),
    /// Two instants or intervals, both taken as days if `days`.
    Temporal {
        op: TemporalOp,
        terms: Box<[Term; 2]>,
        days: bool,
    },
    /// Two arrays.
    Arrays(ArrayOp, Box<[Term; 2]>),
}

/// Something that has a value for a row.
#[derive(Debug)]
pub(super) enum Term {
    /// The same for every row.
    Constant(Value<'static>),
    /// A property, by its place.
    Column(usize),
    /// What the clock showed at an instant, by which the property was written.
    Civil(usize),
    /// The row's geometry, in the frame that is wanted.
    Geometry(GeometryFrame),
    /// A number.
    Arithmetic(ArithmeticOp, Box<[Term; 2]>),
    /// A text made comparable.
    Fold(FoldOp, Box<Term>),
    /// A function of its arguments.
    Call(&'static Function, Vec<Term>),
    /// An interval of days or instants; `None` is an open end.
    Interval {
        ends: Box<[Option<Term>; 2]>,
        days: bool,
    },
    /// A list.
    Array(Vec<Term>),
    /// A predicate as a value.
    Truth(Box<Predicate>),
}

/// In which CRS a geometry is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GeometryFrame {
    /// That of the filter.
    Filter,
    /// Longitudes and latitudes, for measures on the ellipsoid.
    Crs84,
}

impl Term {
    /// The value, if it is the same for every row.
    pub(super) fn constant(&self) -> Option<&Value<'static>> {
        match self {
            Self::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// True if no row is needed to compute it.
    pub(super) fn is_free(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Column(_) | Self::Civil(_) | Self::Geometry(_) => false,
            Self::Arithmetic(_, terms) => terms.iter().all(Self::is_free),
            Self::Fold(_, term) => term.is_free(),
            Self::Call(_, terms) | Self::Array(terms) => terms.iter().all(Self::is_free),
            Self::Interval { ends, .. } => ends.iter().flatten().all(Self::is_free),
            Self::Truth(p) => matches!(**p, Predicate::Known(_)),
        }
    }

    /// The same with instants of the row as the clocks showed them by which they were written: what days are told by.
    pub(super) fn by_the_clock(self) -> Self {
        match self {
            Self::Column(field) => Self::Civil(field),
            Self::Interval { ends, days } => Self::Interval {
                ends: Box::new(ends.map(|end| end.map(Self::by_the_clock))),
                days,
            },
            other => other,
        }
    }

    /// Calls `visit` with each column that it looks at, and `None` for the geometry.
    fn columns(&self, visit: &mut dyn FnMut(Option<usize>)) {
        match self {
            Self::Constant(_) => {}
            Self::Column(field) | Self::Civil(field) => visit(Some(*field)),
            Self::Geometry(_) => visit(None),
            Self::Arithmetic(_, terms) => each(terms.iter(), visit),
            Self::Fold(_, term) => term.columns(visit),
            Self::Call(_, terms) | Self::Array(terms) => {
                each(terms.iter(), visit);
            }
            Self::Interval { ends, .. } => each(ends.iter().flatten(), visit),
            Self::Truth(p) => p.columns(visit),
        }
    }
}

fn each<'a>(terms: impl Iterator<Item = &'a Term>, visit: &mut dyn FnMut(Option<usize>)) {
    for term in terms {
        term.columns(visit);
    }
}

impl Predicate {
    /// Calls `visit` with each column that it looks at, and `None` for the geometry.
    pub(super) fn columns(&self, visit: &mut dyn FnMut(Option<usize>)) {
        match self {
            Self::Known(_) => {}
            Self::All(ps) | Self::Any(ps) => {
                for p in ps {
                    p.columns(visit);
                }
            }
            Self::Not(p) => p.columns(visit),
            Self::IsNull(t) | Self::Holds(t) | Self::Like(t, _) | Self::InSet(t, _) => {
                t.columns(visit);
            }
            Self::Compare(_, ts) | Self::Relate(_, ts) | Self::Arrays(_, ts) => {
                each(ts.iter(), visit);
            }
            Self::Temporal { terms, .. } => each(terms.iter(), visit),
            Self::In(t, list) => {
                t.columns(visit);
                each(list.iter(), visit);
            }
            Self::Spatial(..) => visit(None),
        }
    }

    /// The only column that it looks at, if it is one and no geometry.
    pub(super) fn lone_column(&self) -> Option<usize> {
        let mut lone = None;
        let mut others = false;
        self.columns(&mut |c| match (c, lone) {
            (Some(c), None) => lone = Some(c),
            (Some(c), Some(l)) if c == l => {}
            _ => others = true,
        });
        lone.filter(|_| !others)
    }
}
