//! The functions that filters may call (§7.11), as one table: it checks, evaluates and documents them.
//!
//! Each function is total (what cannot be computed is NULL, and so is the result where an argument is NULL) and gives the same result
//! for the same arguments for ever: the hash of a filter stands for what it lets through, so there is no clock and no chance.

mod convert;
mod geometry;
mod number;
mod text;
mod time;

use super::near::nearest;
use super::value::{Type, Value};

/// A function.
#[derive(Debug)]
pub struct Function {
    /// Its name in lower case; filters may write it in any.
    pub name: &'static str,
    /// What it gives.
    pub summary: Summary,
    /// What it takes. The last may be repeated until there are [`Self::most`].
    pub arguments: &'static [Argument],
    /// The least number of arguments.
    pub least: usize,
    /// The greatest number of arguments.
    pub most: usize,
    /// The type of its result.
    pub returns: Type,
    /// Estimated cost of a call on short values, in the unit of [`Limits::cost`](super::Limits).
    pub cost: u32,
    call: Call,
}

/// One sentence in each language of the pages.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Summary {
    pub fr: &'static str,
    pub en: &'static str,
}

/// An argument of a function.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// What documentation calls it.
    pub name: &'static str,
    /// The types that it may have.
    pub types: &'static [Type],
}

/// Gets as many arguments as the function takes, none of them NULL.
type Call = for<'v> fn(&[Value<'v>]) -> Value<'v>;

const TABLES: &[&[Function]] = &[
    text::FUNCTIONS,
    number::FUNCTIONS,
    time::FUNCTIONS,
    convert::FUNCTIONS,
    geometry::FUNCTIONS,
];

/// Bytes of a result that is longer than each of its arguments: two pages. Functions inside of each other could multiply a text at each
/// level; what is longer is NULL.
pub(super) const LONGEST: usize = 4 << 10;

/// All functions, by what they are about.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLES.iter().copied().flatten()
}

/// The function of that name, in any case.
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|f| f.name.eq_ignore_ascii_case(name))
}

/// The name of a function that is close to a name that is none.
pub fn near(name: &str) -> Option<&'static str> {
    nearest(name, all().map(|f| f.name))
}

impl Function {
    /// The argument at that place, counted from 0.
    pub fn argument(&self, place: usize) -> Option<&'static Argument> {
        (place < self.most)
            .then(|| self.arguments.get(place).or(self.arguments.last()))
            .flatten()
    }

    /// The result for these arguments; NULL if one is NULL, or if there are more or fewer than the function takes.
    pub fn call<'v>(&self, arguments: &[Value<'v>]) -> Value<'v> {
        let counted = (self.least..=self.most).contains(&arguments.len());
        if !counted || arguments.iter().any(Value::is_null) {
            return Value::Null;
        }
        (self.call)(arguments)
    }
}

/// A function whose arguments are all required.
const fn function(
    name: &'static str,
    summary: [&'static str; 2],
    arguments: &'static [Argument],
    returns: Type,
    cost: u32,
    call: Call,
) -> Function {
    let [fr, en] = summary;
    Function {
        name,
        summary: Summary { fr, en },
        arguments,
        least: arguments.len(),
        most: arguments.len(),
        returns,
        cost,
        call,
    }
}

impl Function {
    const fn taking(mut self, least: usize, most: usize) -> Self {
        self.least = least;
        self.most = most;
        self
    }
}

const fn argument(name: &'static str, types: &'static [Type]) -> Argument {
    Argument { name, types }
}

/// A whole number; also one that is written or computed as a double.
fn whole(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Int(n) => Some(*n),
        Value::Float(n) => whole_double(*n),
        _ => None,
    }
}

fn whole_double(n: f64) -> Option<i64> {
    // -2^63 is a double, and 2^63 is the first beyond.
    let fits = (i64::MIN as f64..-(i64::MIN as f64)).contains(&n);
    (fits && n.fract() == 0.0).then_some(n as i64)
}

#[cfg(test)]
mod tests;
