//! Relations of arrays (§7.9). Arrays are sets: neither order nor repetition counts (`/req/array-functions/array-predicates` B).

mod json;
mod key;

pub use json::from_json;

use key::Key;

use super::ast::ArrayOp;
use super::value::Value;

/// Whether the relation holds. A NULL member is a member that is not known, as in `IN`: `None` where it leaves the answer open.
/// For many arrays against one, build a [`Set`] of that one first.
pub fn holds(op: ArrayOp, a: &[Value<'_>], b: &[Value<'_>]) -> Option<bool> {
    Set::of(a).relates(op, &Set::of(b))
}

/// An array ready to be compared: n members against m take min(n, m) · log(max(n, m)), since both may come from somebody who wishes
/// the server ill. Members are the same as [`equal`](super::compare::equal) says; where days stand with instants in the two arrays, all
/// instants are taken as their UTC days. An array inside of an array that has a NULL in it counts as NULL.
#[derive(Debug, Clone)]
pub struct Set<'v> {
    /// Sorted, each once.
    members: Vec<Key<'v>>,
    /// Whether there is a member that is not known.
    unknown: bool,
}

impl<'v> Set<'v> {
    /// The set of these members.
    pub fn of(values: &'v [Value<'_>]) -> Self {
        let mut members = Vec::with_capacity(values.len());
        let mut unknown = false;
        for value in values {
            match Key::of(value) {
                Some(key) => members.push(key),
                None => unknown = true,
            }
        }
        key::sort(&mut members);
        Self { members, unknown }
    }

    /// Whether the relation holds between the two; `None` where members that are not known leave it open.
    pub fn relates(&self, op: ArrayOp, other: &Self) -> Option<bool> {
        let times = key::times(&self.members).and(key::times(&other.members));
        if times.mixed() {
            return self.to_days().decide(op, &other.to_days());
        }
        self.decide(op, other)
    }

    fn decide(&self, op: ArrayOp, other: &Self) -> Option<bool> {
        match op {
            ArrayOp::Contains => self.contains(other),
            ArrayOp::ContainedBy => other.contains(self),
            ArrayOp::Equals => match (self.contains(other), other.contains(self)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            ArrayOp::Overlaps => self.overlaps(other),
        }
    }

    /// Each member of `other` is one of this.
    fn contains(&self, other: &Self) -> Option<bool> {
        let missing =
            other.members.len() > self.members.len() || !other.members.iter().all(|m| self.has(m));
        if missing && !self.unknown || other.unknown && self.is_empty() {
            return Some(false);
        }
        (!missing && !other.unknown).then_some(true)
    }

    /// Some member is one of both.
    fn overlaps(&self, other: &Self) -> Option<bool> {
        let (few, many) = if self.members.len() < other.members.len() {
            (self, other)
        } else {
            (other, self)
        };
        if few.members.iter().any(|m| many.has(m)) {
            return Some(true);
        }
        let open = (self.unknown || other.unknown) && !self.is_empty() && !other.is_empty();
        (!open).then_some(false)
    }

    fn has(&self, member: &Key<'_>) -> bool {
        self.members.binary_search_by(|m| m.order(member)).is_ok()
    }

    fn is_empty(&self) -> bool {
        self.members.is_empty() && !self.unknown
    }

    fn to_days(&self) -> Self {
        Self {
            members: key::to_days(&self.members),
            unknown: self.unknown,
        }
    }
}

#[cfg(test)]
mod tests;
