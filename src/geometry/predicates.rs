//! Exact signs and areas on integer points. Two `i32` differ by up to `2^32`, so products are taken in `i128`.

use super::grid::GridPoint;

/// Twice the signed area of the triangle `abc`: positive where the surveyor's formula is, 0 if the three lie on a line.
#[inline]
pub fn cross(a: GridPoint, b: GridPoint, c: GridPoint) -> i128 {
    let u = [
        i64::from(b[0]) - i64::from(a[0]),
        i64::from(b[1]) - i64::from(a[1]),
    ];
    let v = [
        i64::from(c[0]) - i64::from(a[0]),
        i64::from(c[1]) - i64::from(a[1]),
    ];
    i128::from(u[0]) * i128::from(v[1]) - i128::from(u[1]) * i128::from(v[0])
}

/// The sign of [`cross`]: −1, 0 or 1.
#[inline]
pub fn side(a: GridPoint, b: GridPoint, c: GridPoint) -> i8 {
    cross(a, b, c).signum() as i8
}

/// Twice the area of the triangle `abc`, capped at `u64::MAX`.
#[inline]
pub fn triangle(a: GridPoint, b: GridPoint, c: GridPoint) -> u64 {
    u64::try_from(cross(a, b, c).unsigned_abs()).unwrap_or(u64::MAX)
}

/// Twice the signed area of a ring by the surveyor's formula (MVT 2.1 §4.3.4.4), the closing edge implied.
pub fn ring_area(ring: &[GridPoint]) -> i128 {
    let Some((&origin, rest)) = ring.split_first() else {
        return 0;
    };
    rest.windows(2).map(|w| cross(origin, w[0], w[1])).sum()
}

/// True if all points lie on one line. The first two must differ.
pub fn is_flat(points: &[GridPoint]) -> bool {
    points.len() < 3
        || points[2..]
            .iter()
            .all(|p| side(points[0], points[1], *p) == 0)
}

/// How two closed segments meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contact {
    /// Not at all.
    None,
    /// In one point that is an end of at least one of them.
    Touch(GridPoint),
    /// In one point inside both.
    Cross,
    /// Along a stretch of positive length.
    Overlap,
}

/// How the segments `ab` and `cd` meet. Neither may be a single point.
pub fn contact(a: GridPoint, b: GridPoint, c: GridPoint, d: GridPoint) -> Contact {
    let (to_c, to_d) = (side(a, b, c), side(a, b, d));
    if to_c * to_d > 0 {
        return Contact::None;
    }
    let (to_a, to_b) = (side(c, d, a), side(c, d, b));
    if to_a * to_b > 0 {
        return Contact::None;
    }
    if to_c == 0 && to_d == 0 {
        let low = a.min(b).max(c.min(d));
        let high = a.max(b).min(c.max(d));
        return match low.cmp(&high) {
            std::cmp::Ordering::Less => Contact::Overlap,
            std::cmp::Ordering::Equal => Contact::Touch(low),
            std::cmp::Ordering::Greater => Contact::None,
        };
    }
    // Each line separates the ends of the other segment, or passes through one: that end is then the meeting point.
    match (to_c, to_d, to_a, to_b) {
        (0, ..) => Contact::Touch(c),
        (_, 0, ..) => Contact::Touch(d),
        (_, _, 0, _) => Contact::Touch(a),
        (_, _, _, 0) => Contact::Touch(b),
        _ => Contact::Cross,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extreme_coordinates_do_not_overflow() {
        let (lo, hi) = (i32::MIN, i32::MAX);
        assert_eq!(
            triangle([lo, lo], [hi, lo], [lo, hi]),
            u64::MAX - (1 << 33) + 2
        );
        assert_eq!(side([lo, lo], [hi, hi], [0, 0]), 0);
        assert_eq!(
            ring_area(&[[lo, lo], [hi, lo], [hi, hi], [lo, hi]]),
            2 * ((1i128 << 32) - 1).pow(2)
        );
    }

    #[test]
    fn segments_meet_in_every_way() {
        assert_eq!(contact([0, 0], [4, 4], [0, 4], [4, 0]), Contact::Cross);
        assert_eq!(
            contact([0, 0], [4, 0], [2, 0], [2, 3]),
            Contact::Touch([2, 0])
        );
        assert_eq!(
            contact([0, 0], [4, 0], [4, 0], [9, 1]),
            Contact::Touch([4, 0])
        );
        assert_eq!(
            contact([0, 0], [4, 0], [4, 0], [9, 0]),
            Contact::Touch([4, 0])
        );
        assert_eq!(contact([0, 0], [4, 0], [3, 0], [9, 0]), Contact::Overlap);
        assert_eq!(contact([0, 0], [4, 0], [5, 0], [9, 0]), Contact::None);
        assert_eq!(contact([0, 0], [4, 0], [5, 1], [5, -1]), Contact::None);
        assert_eq!(contact([0, 0], [0, 4], [0, 2], [0, 3]), Contact::Overlap);
    }
}
