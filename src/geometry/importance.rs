//! How much each vertex matters to the shape of its path, computed once, compared with a threshold per zoom.
//!
//! The measure is the *effective area* of Visvalingam and Whyatt: the area of the triangle that a vertex makes with its neighbours
//! at the moment it is the least of all and goes. It never falls in the order of removal, so keeping the vertices above a
//! threshold gives the very line that removing them one by one would have given. It is kept in one byte on a scale of quarter
//! octaves: 0 for no area, 255 for vertices that always stay.
//!
//! A ring is treated as a circle and ties are broken by coordinates, so neither the first vertex nor the direction changes the
//! outcome: two neighbours that draw a common border with the same vertices thin it alike, up to what their junctions do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::grid::GridPoint;
use super::predicates::triangle;

/// The importance of a vertex that is never dropped.
pub const ALWAYS: u8 = 255;

/// Below this many vertices the least one is looked for in a row, which is quicker than a heap.
const SMALL: usize = 24;

/// 2^63 times the fourth root of 2, of 4 and of 8.
const QUARTERS: [u64; 3] = [
    0x9837_f051_8db8_a96f,
    0xb504_f333_f9de_6484,
    0xd744_fcca_d69d_6af4,
];

/// Twice an area → its byte: 0 for 0, else 1 plus four times its binary logarithm, rounded down, at most 254.
fn quantise(doubled_area: u64) -> u8 {
    if doubled_area == 0 {
        return 0;
    }
    let zeros = doubled_area.leading_zeros();
    let octave = 63 - zeros;
    let mantissa = doubled_area << zeros;
    let quarter = QUARTERS.iter().filter(|q| mantissa >= **q).count() as u32;
    (1 + 4 * octave + quarter).min(u32::from(ALWAYS) - 1) as u8
}

/// The least importance that survives a tolerance given as a length in units of the path's frame: vertices whose effective area is
/// under half a square of that side go, and none above. 0 keeps everything; the smallest positive tolerance drops vertices
/// that lie on the line between their neighbours.
pub fn threshold(tolerance: f64) -> u8 {
    // The triangle of half a square: its doubled area is the square itself.
    let square = tolerance * tolerance;
    if tolerance <= 0.0 || square.is_nan() {
        0
    } else if square < 1.0 {
        1
    } else {
        quantise(square as u64)
    }
}

/// Reusable buffers of the computation.
#[derive(Debug, Default)]
pub struct Importance {
    next: Vec<u32>,
    prev: Vec<u32>,
    area: Vec<u64>,
    heap: BinaryHeap<Reverse<(u64, GridPoint, u32)>>,
}

impl Importance {
    /// Appends to `out` one byte per vertex of a line. Its ends always stay; of a line that ends where it starts, two more.
    pub fn line(&mut self, xy: &[GridPoint], out: &mut Vec<u8>) {
        let n = xy.len();
        let closed = n > 3 && xy[0] == xy[n - 1];
        let stay = if closed { 4 } else { 2 };
        self.run(xy, false, stay, out);
    }

    /// Appends to `out` one byte per vertex of a ring (first point not repeated). The last three standing always stay, so a ring
    /// keeps an area at every threshold.
    pub fn ring(&mut self, xy: &[GridPoint], out: &mut Vec<u8>) {
        self.run(xy, true, 3, out);
    }

    fn run(&mut self, xy: &[GridPoint], circle: bool, stay: usize, out: &mut Vec<u8>) {
        let from = out.len();
        out.resize(from + xy.len(), ALWAYS);
        let out = &mut out[from..];
        if xy.len() <= stay {
            return;
        }
        if xy.len() <= SMALL {
            scan(xy, circle, stay, out);
        } else {
            self.heap(xy, circle, stay, out);
        }
    }

    fn heap(&mut self, xy: &[GridPoint], circle: bool, stay: usize, out: &mut [u8]) {
        let n = xy.len();
        let last = n as u32 - 1;
        self.next.clear();
        self.next
            .extend((0..=last).map(|i| if i == last { 0 } else { i + 1 }));
        self.prev.clear();
        self.prev
            .extend((0..=last).map(|i| if i == 0 { last } else { i - 1 }));
        self.area.clear();
        self.area.resize(n, u64::MAX);
        self.heap.clear();
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        let inner = if circle { 0..n } else { 1..n - 1 };
        for i in inner {
            let area = triangle(xy[self.prev[i] as usize], xy[i], xy[self.next[i] as usize]);
            self.area[i] = area;
            entries.push(Reverse((area, xy[i], i as u32)));
        }
        self.heap = BinaryHeap::from(entries);

        let mut left = n;
        let mut highest = 0;
        while left > stay {
            let Some(Reverse((area, _, i))) = self.heap.pop() else {
                break;
            };
            let i = i as usize;
            // An entry that was overtaken: the vertex is gone, or its area has changed since.
            if self.next[i] == u32::MAX || self.area[i] != area {
                continue;
            }
            highest = highest.max(area);
            out[i] = quantise(highest);
            left -= 1;
            let (p, q) = (self.prev[i] as usize, self.next[i] as usize);
            self.next[i] = u32::MAX;
            self.next[p] = q as u32;
            self.prev[q] = p as u32;
            for j in [p, q] {
                if circle || (j != 0 && j != n - 1) {
                    let area =
                        triangle(xy[self.prev[j] as usize], xy[j], xy[self.next[j] as usize]);
                    if area != self.area[j] {
                        self.area[j] = area;
                        self.heap.push(Reverse((area, xy[j], j as u32)));
                    }
                }
            }
        }
    }
}

/// The same order of removal as the heap's, on few vertices.
fn scan(xy: &[GridPoint], circle: bool, stay: usize, out: &mut [u8]) {
    let mut alive = [0u8; SMALL];
    let mut area = [u64::MAX; SMALL];
    let mut left = xy.len();
    for (i, slot) in alive.iter_mut().enumerate().take(left) {
        *slot = i as u8;
    }
    let area_at = |alive: &[u8], k: usize| {
        let n = alive.len();
        let at = |k: usize| xy[usize::from(alive[k])];
        triangle(
            at(if k == 0 { n - 1 } else { k - 1 }),
            at(k),
            at(if k + 1 == n { 0 } else { k + 1 }),
        )
    };
    let ends = usize::from(!circle);
    for (k, slot) in area.iter_mut().enumerate().take(left - ends).skip(ends) {
        *slot = area_at(&alive[..left], k);
    }
    let mut highest = 0;
    while left > stay {
        let mut least = ends;
        for k in ends + 1..left - ends {
            let vertex = |k: usize| xy[usize::from(alive[k])];
            if area[k] < area[least] || (area[k] == area[least] && vertex(k) < vertex(least)) {
                least = k;
            }
        }
        highest = highest.max(area[least]);
        out[usize::from(alive[least])] = quantise(highest);
        alive.copy_within(least + 1..left, least);
        area.copy_within(least + 1..left, least);
        left -= 1;
        let before = if least == 0 { left - 1 } else { least - 1 };
        let after = if least == left { 0 } else { least };
        for k in [before, after] {
            if circle || (k != 0 && k != left - 1) {
                area[k] = area_at(&alive[..left], k);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(xy: &[GridPoint]) -> Vec<u8> {
        let mut out = Vec::new();
        Importance::default().ring(xy, &mut out);
        out
    }

    fn line(xy: &[GridPoint]) -> Vec<u8> {
        let mut out = Vec::new();
        Importance::default().line(xy, &mut out);
        out
    }

    fn staying(bytes: &[u8]) -> usize {
        let (stay, _): (Vec<u8>, Vec<u8>) = bytes.iter().partition(|b| **b == ALWAYS);
        stay.len()
    }

    #[test]
    fn bytes_are_quarter_octaves() {
        assert_eq!([0, 1, 2, 3, 4, 8].map(quantise), [0, 1, 5, 7, 9, 13]);
        assert_eq!(quantise(1 << 62), 249);
        assert_eq!(quantise(u64::MAX), 254);
        for a in 1..5000u64 {
            let exact = 1 + (4.0 * (a as f64).log2() + 1e-9).floor() as u8;
            assert_eq!(quantise(a), exact, "{a}");
        }
    }

    #[test]
    fn thresholds_follow_the_tolerance() {
        assert_eq!(threshold(0.0), 0);
        assert_eq!(threshold(f64::NAN), 0);
        assert_eq!(threshold(0.1), 1);
        assert_eq!(threshold(4.0), quantise(16));
        assert_eq!(threshold(f64::INFINITY), 254);
    }

    #[test]
    fn collinear_vertices_are_nothing_and_the_last_stay() {
        assert_eq!(line(&[[0, 0], [5, 0], [9, 0]]), [255, 0, 255]);
        assert_eq!(ring(&[[0, 0], [5, 0], [9, 0], [9, 9]]), [255, 0, 255, 255]);
        let closed = line(&[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]);
        assert_eq!(staying(&closed), 4);
    }

    #[test]
    fn a_ring_of_200_000_vertices_is_done_at_once() {
        let xy: Vec<GridPoint> = (0..200_000)
            .map(|i| {
                let t = f64::from(i) / 200_000.0 * std::f64::consts::TAU;
                let r = 1e8 * (1.0 + 0.1 * (t * 777.0).sin());
                [(r * t.cos()) as i32, (r * t.sin()) as i32]
            })
            .collect();
        let bytes = ring(&xy);
        assert_eq!(staying(&bytes), 3);
        assert!(bytes.iter().filter(|b| **b >= threshold(1e6)).count() < 5000);
    }

    prop_compose! {
        fn some_ring()(xy in prop::collection::btree_set((-500i32..500, -500i32..500), 4..80)) -> Vec<GridPoint> {
            // A star around the origin: in order of angle.
            let mut xy: Vec<GridPoint> = xy.into_iter().map(|(x, y)| [x, y]).collect();
            xy.sort_by(|a, b| f64::from(a[1]).atan2(f64::from(a[0])).total_cmp(&f64::from(b[1]).atan2(f64::from(b[0]))));
            xy
        }
    }

    proptest! {
        #[test]
        fn neither_start_nor_direction_changes_a_ring(xy in some_ring(), turn in 0usize..80) {
            let bytes = ring(&xy);
            let turn = turn % xy.len();
            let mut turned = xy.clone();
            turned.rotate_left(turn);
            let mut expected = bytes.clone();
            expected.rotate_left(turn);
            prop_assert_eq!(ring(&turned), expected);
            let reversed: Vec<_> = xy.iter().rev().copied().collect();
            let expected: Vec<_> = bytes.iter().rev().copied().collect();
            prop_assert_eq!(ring(&reversed), expected);
        }

        #[test]
        fn scan_and_heap_agree(xy in some_ring(), circle: bool) {
            let xy = &xy[..xy.len().min(SMALL)];
            let stay = if circle { 3 } else { 2 };
            let (mut a, mut b) = (vec![ALWAYS; xy.len()], vec![ALWAYS; xy.len()]);
            scan(xy, circle, stay, &mut a);
            Importance::default().heap(xy, circle, stay, &mut b);
            prop_assert_eq!(a, b);
        }
    }
}
