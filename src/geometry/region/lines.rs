//! Goes along a line and tells which stretches of it lie in a region.

use super::place::Along;
use super::pool::Pool;
use super::prepared::PreparedRegion;
use crate::geometry::grid::GridPoint;
use crate::geometry::predicates::{Contact, contact};

/// A stretch of one edge of a line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// Number of the edge, that of the vertex where it starts.
    pub(super) edge: usize,
    pub(super) from: Along,
    pub(super) to: Along,
    /// True if it lies in the region or on its border.
    pub(super) is_inside: bool,
}

/// Calls `visit` on each stretch of a line, in order, until it says `false`. No point of the line may come twice in a row. True if the line
/// met the border.
pub(super) fn walk(
    region: &PreparedRegion,
    line: &[GridPoint],
    pool: &mut Pool,
    mut visit: impl FnMut(Stretch) -> bool,
) -> bool {
    pool.clear();
    pool.add_line(line);
    let mut met = false;
    for e in 0..pool.len() as u32 {
        let [a, b] = pool.edge(e);
        region.near(&pool.box_of(e), |id| {
            let cd = region.edge(id);
            let how = contact(a, b, cd[0], cd[1]);
            met |= how != Contact::None;
            pool.note(e, cd, how);
        });
    }
    pool.split();
    let mut known = None;
    for number in 0..pool.piece_count() {
        let piece = pool.piece(number);
        if !pool.goes_on_from(number) {
            known = None;
        }
        let is_inside = *known.get_or_insert_with(|| {
            let sides = region.sides(&pool.spot(number));
            sides.left || sides.right || sides.on_edge
        });
        let stretch = Stretch {
            edge: piece.edge as usize,
            from: piece.from,
            to: piece.to,
            is_inside,
        };
        if !visit(stretch) {
            break;
        }
    }
    met
}
