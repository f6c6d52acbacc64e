//! Turns rings the way their role demands (MVT 2.1 §4.3.4.4).

use super::grid::GridPoint;
use super::predicates::ring_area;

/// What a ring is to its polygon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The outline: positive by the surveyor's formula on `[x, y]`, y southward.
    Exterior,
    /// A hole: negative.
    Hole,
}

/// Reverses the ring if it turns the wrong way; true if it did. A ring without area is left alone.
pub fn orient(ring: &mut [GridPoint], role: Role) -> bool {
    let area = ring_area(ring);
    let wrong = match role {
        Role::Exterior => area < 0,
        Role::Hole => area > 0,
    };
    if wrong {
        ring.reverse();
    }
    wrong
}
