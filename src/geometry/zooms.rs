//! At which zooms a layer is worth drawing, guessed from where its features lie and how big they are.

use super::grid::{GridBox, GridPoint, hilbert};

/// The last zoom lies between these. At zoom 14 a tile's unit is 60 cm on the equator, at 16 it is 15 cm.
const LAST: std::ops::RangeInclusive<u8> = 14..=16;

/// On the last zoom a typical feature should measure at least this many units of the tile, as a binary logarithm: 128 units keep the
/// shape of a building or parcel, and set apart the points of a street.
const FEATURE_UNITS_LOG2: u32 = 7;

/// Most features in one tile of the first zoom. 50,000 points make some 400 kB compressed.
const MOST_FEATURES: u32 = 50_000;

/// World grid units in a tile unit at zoom 0, as a binary logarithm.
const UNIT_AT_ZOOM_0_LOG2: u32 = 19;

/// Gathers the boxes of a layer's features, in the layer's order along the Hilbert curve.
#[derive(Debug, Clone)]
pub struct ZoomGuess {
    /// Features by the binary logarithm of their longer side.
    sizes: [u32; 33],
    /// Point features by the binary logarithm of their distance to the one before.
    spacings: [u32; 33],
    last: Option<(GridPoint, u64)>,
    /// By zoom: features of the tile at hand, and of the fullest tile so far.
    run: [u32; *LAST.end() as usize + 1],
    fullest: [u32; *LAST.end() as usize + 1],
}

impl Default for ZoomGuess {
    fn default() -> Self {
        Self {
            sizes: [0; 33],
            spacings: [0; 33],
            last: None,
            run: [0; *LAST.end() as usize + 1],
            fullest: [0; *LAST.end() as usize + 1],
        }
    }
}

impl ZoomGuess {
    /// Takes in the box of the next feature.
    pub fn add(&mut self, bbox: &GridBox) {
        if bbox.is_empty() {
            return;
        }
        let center = bbox.center();
        let key = hilbert(center);
        let side = longer_side(bbox.min, bbox.max);
        if side > 0 {
            self.sizes[side.ilog2() as usize] += 1;
        }
        // How many levels of the curve's quartering the two features share: one more than the zoom, because the curve covers the
        // whole range of the grid, which is two worlds wide.
        let shared = match self.last {
            Some((before, before_key)) => {
                let apart = longer_side(before, center);
                if side == 0 && apart > 0 {
                    self.spacings[apart.ilog2() as usize] += 1;
                }
                (key ^ before_key).leading_zeros() / 2
            }
            None => 0,
        };
        for (zoom, run) in self.run.iter_mut().enumerate() {
            // At zoom 0 all are in one tile, wherever the curve has its quarters.
            let together = zoom == 0 || shared > zoom as u32;
            *run = if together { *run + 1 } else { 1 };
            self.fullest[zoom] = self.fullest[zoom].max(*run);
        }
        self.last = Some((center, key));
    }

    /// The first and the last zoom.
    pub fn zooms(&self) -> (u8, u8) {
        let total = |counts: &[u32; 33]| counts.iter().sum::<u32>();
        let typical = if total(&self.sizes) >= total(&self.spacings) {
            &self.sizes
        } else {
            &self.spacings
        };
        let last = match median(typical) {
            Some(log2) => (UNIT_AT_ZOOM_0_LOG2 + FEATURE_UNITS_LOG2).saturating_sub(log2) as u8,
            None => 0,
        };
        let last = last.clamp(*LAST.start(), *LAST.end());
        // Where features lie on top of each other, going deeper does not thin them out.
        let most = MOST_FEATURES.max(self.fullest[usize::from(last)]);
        let first = self.fullest.iter().position(|n| *n <= most).unwrap_or(0);
        (first as u8, last)
    }
}

fn longer_side(a: GridPoint, b: GridPoint) -> u64 {
    let side = |axis: usize| (i64::from(a[axis]) - i64::from(b[axis])).unsigned_abs();
    side(0).max(side(1))
}

fn median(counts: &[u32; 33]) -> Option<u32> {
    let half = counts
        .iter()
        .map(|n| u64::from(*n))
        .sum::<u64>()
        .div_ceil(2);
    let mut below = 0;
    let place = counts.iter().position(|n| {
        below += u64::from(*n);
        below >= half && half > 0
    });
    place.map(|p| p as u32)
}

#[cfg(test)]
mod tests {
    use super::super::grid::from_lonlat;
    use super::*;

    /// Boxes of `side` degrees on a square grid with `step` degrees between them, in the order of the curve.
    fn guess(per_row: i32, step: f64, side: f64) -> (u8, u8) {
        let mut boxes: Vec<GridBox> = (0..per_row * per_row)
            .map(|i| {
                let (x, y) = (
                    5.0 + f64::from(i % per_row) * step,
                    43.0 + f64::from(i / per_row) * step,
                );
                GridBox::around(&[from_lonlat(x, y), from_lonlat(x + side, y + side)])
            })
            .collect();
        boxes.sort_by_key(|b| hilbert(b.center()));
        let mut guess = ZoomGuess::default();
        for b in &boxes {
            guess.add(b);
        }
        guess.zooms()
    }

    #[test]
    fn communes_parcels_and_addresses() {
        assert_eq!(guess(30, 0.05, 0.05), (0, 14));
        assert_eq!(guess(100, 0.0004, 0.0003), (0, 15));
        assert_eq!(guess(100, 0.0001, 0.0), (0, 16));
        assert_eq!(ZoomGuess::default().zooms(), (0, 14));
    }

    #[test]
    fn a_crowded_layer_starts_where_tiles_hold_it() {
        // 250,000 points over half a degree: 40 to a tile unit at zoom 0.
        let (first, last) = guess(500, 0.001, 0.0);
        // A tile of zoom 10 is 0.35 degrees wide.
        assert!((9..=11).contains(&first), "{first}");
        assert_eq!(last, 14);
    }

    #[test]
    fn points_all_in_one_place() {
        let mut guess = ZoomGuess::default();
        (0..60_000).for_each(|_| guess.add(&GridBox::around(&[[0, 0]])));
        assert_eq!(guess.zooms(), (0, 14));
    }
}
