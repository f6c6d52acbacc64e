//! Boxes under a packed tree, in the order in which they come: edges along a ring are neighbours on the ground, so that the tree is good
//! without any sorting.

use crate::geometry::grid::GridBox;

/// Children of a node.
const FANOUT: usize = 8;

/// A tree of boxes, shared by threads once it is built.
#[derive(Debug, Clone, Default)]
pub(super) struct BoxTree {
    /// The boxes, then boxes around [`FANOUT`] of the level below, and so on up to one.
    boxes: Vec<GridBox>,
    /// First box of each level, and one past the last of all.
    levels: Vec<usize>,
}

impl BoxTree {
    /// Takes in other boxes.
    pub(super) fn load(&mut self, boxes: impl Iterator<Item = GridBox>) {
        self.boxes.clear();
        self.boxes.extend(boxes);
        self.levels.clear();
        self.levels.extend([0, self.boxes.len()]);
        let mut first = 0;
        while self.boxes.len() - first > 1 {
            let end = self.boxes.len();
            for group in (first..end).step_by(FANOUT) {
                let members = &self.boxes[group..(group + FANOUT).min(end)];
                let around = members.iter().fold(GridBox::EMPTY, GridBox::union);
                self.boxes.push(around);
            }
            first = end;
            self.levels.push(self.boxes.len());
        }
    }

    /// Calls `visit` on the number of each box that meets `window`, in ascending order.
    pub(super) fn each(&self, window: &GridBox, mut visit: impl FnMut(u32)) {
        self.find(window, |i| {
            visit(i);
            false
        });
    }

    /// As [`BoxTree::each`], until `found` says `true`; true if it did.
    pub(super) fn find(&self, window: &GridBox, mut found: impl FnMut(u32) -> bool) -> bool {
        let top = self.levels.len().saturating_sub(2);
        !self.boxes.is_empty() && self.descend(top, 0, window, &mut found)
    }

    fn descend<F: FnMut(u32) -> bool>(
        &self,
        level: usize,
        number: usize,
        window: &GridBox,
        found: &mut F,
    ) -> bool {
        if !self.boxes[self.levels[level] + number].intersects(window) {
            return false;
        }
        if level == 0 {
            return found(number as u32);
        }
        let below = self.levels[level] - self.levels[level - 1];
        let children = number * FANOUT..((number + 1) * FANOUT).min(below);
        children
            .into_iter()
            .any(|child| self.descend(level - 1, child, window, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_look_at_each_box_finds() {
        let cell = |i: i32| GridBox {
            min: [i * 7 % 101, i * 13 % 97],
            max: [i * 7 % 101 + i % 5, i * 13 % 97 + i % 3],
        };
        let mut tree = BoxTree::default();
        for count in [0, 1, 8, 9, 64, 65, 700] {
            tree.load((0..count).map(cell));
            for at in 0..40 {
                let window = GridBox {
                    min: [at * 3, at * 2],
                    max: [at * 3 + at % 11, at * 2 + 4],
                };
                let mut seen = Vec::new();
                tree.each(&window, |i| seen.push(i as i32));
                let all: Vec<i32> = (0..count)
                    .filter(|i| cell(*i).intersects(&window))
                    .collect();
                assert_eq!(seen, all);
            }
        }
    }
}
