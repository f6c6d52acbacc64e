//! Words for what had to be mended.

/// One kind of thing that had to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RepairCode {
    /// A ring did not end where it starts.
    UnclosedRing = 0,
    /// A ring without area was left out, or replaced by a line or a point if nothing else was left.
    DegenerateRing = 1,
    /// A line of one single point was left out, or replaced by that point if nothing else was left.
    DegenerateLine = 2,
    /// An exterior ring was drawn clockwise, or a hole counter-clockwise (RFC 7946 §3.1.6).
    WrongOrientation = 3,
    /// Rings crossed, overlapped or touched where they must not.
    SelfIntersection = 4,
    /// A hole outside of its exterior ring or inside another hole, a polygon inside another of the same feature, or a hole without
    /// an exterior ring.
    MisplacedRing = 5,
    /// Too intricate to be judged, and rebuilt to be sure; or too tangled to be rebuilt, and kept as its outline.
    Intricate = 6,
}

impl RepairCode {
    /// All codes.
    pub const ALL: [Self; 7] = [
        Self::UnclosedRing,
        Self::DegenerateRing,
        Self::DegenerateLine,
        Self::WrongOrientation,
        Self::SelfIntersection,
        Self::MisplacedRing,
        Self::Intricate,
    ];

    /// The word used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::UnclosedRing => "unclosed-ring",
            Self::DegenerateRing => "degenerate-ring",
            Self::DegenerateLine => "degenerate-line",
            Self::WrongOrientation => "wrong-orientation",
            Self::SelfIntersection => "self-intersection",
            Self::MisplacedRing => "misplaced-ring",
            Self::Intricate => "intricate-geometry",
        }
    }
}

/// A set of [`RepairCode`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Repairs(u8);

impl Repairs {
    /// True if nothing had to be mended.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if `code` is in the set.
    pub fn contains(self, code: RepairCode) -> bool {
        self.0 & (1 << code as u8) != 0
    }

    /// The codes in the set.
    pub fn iter(self) -> impl Iterator<Item = RepairCode> {
        RepairCode::ALL
            .into_iter()
            .filter(move |c| self.contains(*c))
    }

    pub(super) fn insert(&mut self, code: RepairCode) {
        self.0 |= 1 << code as u8;
    }
}
