//! Coordinates on their way out: into the CRS asked for, in its authority's axis order, rounded to what the transformation is worth.

use crate::geometry::crs::{Crs, CrsError, Transform};

/// Decimals of degrees: 1e-9° is 0.1 mm on the ground, a hundredth of what the transformations promise.
const PER_DEGREE: f64 = 1e9;
/// Decimals of metres: 0.1 mm.
const PER_METRE: f64 = 1e4;

/// From the storage CRS to the CRS of an answer.
#[derive(Debug, Clone)]
pub struct Placement {
    target: Crs,
    /// `None` if both have the same numbers: then what came in goes out, bit for bit.
    transform: Option<(Transform, f64)>,
}

impl Placement {
    /// Places coordinates of `storage` in `target`.
    pub fn new(storage: Crs, target: Crs) -> Result<Self, CrsError> {
        let transform = Transform::between(storage, target)?;
        let per_unit = if target.is_geographic() {
            PER_DEGREE
        } else {
            PER_METRE
        };
        Ok(Self {
            target,
            transform: (!transform.is_identity()).then_some((transform, per_unit)),
        })
    }

    /// True if the coordinates are longitude and latitude as RFC 7946 means them.
    pub fn is_rfc7946(&self) -> bool {
        self.target == Crs::CRS84 || self.target == Crs::CRS84H
    }

    /// The vertices in the target CRS, x east, in `scratch` where they had to be computed; `None` if one of them has no place there.
    pub fn place<'a>(
        &self,
        xy: &'a [[f64; 2]],
        scratch: &'a mut Vec<[f64; 2]>,
    ) -> Option<&'a [[f64; 2]]> {
        let Some((transform, per_unit)) = &self.transform else {
            return Some(xy);
        };
        scratch.clear();
        scratch.extend_from_slice(xy);
        transform.convert(scratch).ok()?;
        for v in scratch.iter_mut().flatten() {
            *v = (*v * per_unit).round() / per_unit;
        }
        Some(scratch)
    }

    /// A vertex in the order in which it is written.
    pub fn ordered(&self, vertex: [f64; 2]) -> [f64; 2] {
        self.target.to_authority(vertex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_not_touched() {
        let xy = [[5.123_456_789_012_345, 43.987_654_321_098_765]];
        let mut scratch = Vec::new();
        let same = Placement::new(Crs::WGS84, Crs::CRS84).expect("known");
        assert_eq!(same.place(&xy, &mut scratch), Some(&xy[..]));
        let swapped = Placement::new(Crs::WGS84, Crs::WGS84).expect("known");
        assert_eq!(swapped.ordered(xy[0]), [xy[0][1], xy[0][0]]);
    }

    #[test]
    fn computed_ones_are_rounded_to_a_tenth_of_a_millimetre() {
        let mut scratch = Vec::new();
        let to_plane = Placement::new(Crs::CRS84, Crs::LAMBERT_93).expect("known");
        let placed = to_plane
            .place(&[[3.0, 46.5]], &mut scratch)
            .expect("in France")[0];
        assert_eq!(placed, [700_000.0, 6_600_000.0]);
        let back = Placement::new(Crs::LAMBERT_93, Crs::CRS84).expect("known");
        let placed = back
            .place(&[[892_390.217, 6_247_035.113]], &mut scratch)
            .expect("in France")[0];
        for v in placed {
            assert!(
                v.to_string().split('.').nth(1).is_none_or(|d| d.len() <= 9),
                "{v}"
            );
        }
    }

    #[test]
    fn what_has_no_place_is_not_placed() {
        let lambert = Placement::new(Crs::CRS84, Crs::LAMBERT_93).expect("known");
        assert_eq!(
            lambert.place(&[[3.0, 46.5], [0.0, -90.0]], &mut Vec::new()),
            None
        );
        // The poles have one in Web Mercator, as in PROJ: far beyond the square world, not at infinity.
        let mercator = Placement::new(Crs::CRS84, Crs::WEB_MERCATOR).expect("known");
        let mut scratch = Vec::new();
        let placed = mercator
            .place(&[[0.0, 90.0]], &mut scratch)
            .expect("a place");
        assert!((placed[0][1] - 242_528_680.94).abs() < 0.01);
    }
}
