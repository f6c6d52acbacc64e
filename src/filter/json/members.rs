//! The members of the objects of CQL2 JSON.

use super::super::ast::Span;
use super::super::fault::{Expected, Fault, FaultKind};
use super::super::near::nearest;
use super::tokens::Tokens;

/// A member that has a meaning somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    Op,
    Args,
    Property,
    Date,
    Timestamp,
    Interval,
    Type,
    Coordinates,
    Geometries,
    Bbox,
}

impl Member {
    const ALL: [Self; 10] = [
        Self::Op,
        Self::Args,
        Self::Property,
        Self::Date,
        Self::Timestamp,
        Self::Interval,
        Self::Type,
        Self::Coordinates,
        Self::Geometries,
        Self::Bbox,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Op => "op",
            Self::Args => "args",
            Self::Property => "property",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Interval => "interval",
            Self::Type => "type",
            Self::Coordinates => "coordinates",
            Self::Geometries => "geometries",
            Self::Bbox => "bbox",
        }
    }
}

/// The members of one object: each is known and there once at most.
pub(super) struct Members {
    /// Where the object stands.
    at: Span,
    /// For each of [`Member::ALL`] the token of its value.
    values: [Option<usize>; Member::ALL.len()],
}

impl Members {
    /// The members of the object that is token `object`.
    pub(super) fn read(tokens: &Tokens<'_>, object: usize) -> Result<Self, Fault> {
        let mut values = [None; Member::ALL.len()];
        let mut parts = tokens.children(object);
        // The first member that is unknown or repeated ends this: no object is read beyond its eleventh.
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            let at = tokens.get(name).at();
            let written = tokens.text(name)?;
            match Member::ALL.iter().position(|m| m.name() == written) {
                Some(member) if values[member].is_some() => {
                    return Err(Fault::new(at, FaultKind::RepeatedMember(written)));
                }
                Some(member) => values[member] = Some(value),
                None => return Err(unknown(at, written)),
            }
        }
        let at = tokens.get(object).at();
        Ok(Self { at, values })
    }

    /// The token of a member's value.
    pub(super) fn get(&self, member: Member) -> Option<usize> {
        self.values[member as usize]
    }

    /// The token of the value of a member that must be there.
    pub(super) fn require(&self, member: Member) -> Result<usize, Fault> {
        self.get(member).ok_or_else(|| {
            let expected = Expected::Member(member.name());
            let found = String::new();
            Fault::new(self.at, FaultKind::Expected { expected, found })
        })
    }

    /// Refuses members other than those: they have a meaning elsewhere, here they would be without effect.
    pub(super) fn only(&self, tokens: &Tokens<'_>, members: &[Member]) -> Result<(), Fault> {
        let stray = Member::ALL
            .into_iter()
            .find(|m| self.get(*m).is_some() && !members.contains(m));
        stray.and_then(|m| self.get(m)).map_or(Ok(()), |value| {
            let name = value - 1;
            Err(unknown(tokens.get(name).at(), tokens.text(name)?))
        })
    }
}

fn unknown(at: Span, name: String) -> Fault {
    let near = nearest(&name, Member::ALL.map(Member::name)).filter(|near| *near != name);
    let near = near.map(str::to_owned);
    Fault::new(at, FaultKind::UnknownMember { name, near })
}
