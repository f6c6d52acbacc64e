//! Lines of keys: each was made in the place of the one before it, with what that one opens. Who has stopped or was given something by
//! one key of a line has meant its holder, so both reach the keys after it.

use std::collections::{HashMap, HashSet};

use super::policy::{Key, KeyId, PolicyParts, Target};

impl PolicyParts {
    /// The keys after that one, the next first. A line that somebody bent into a circle past the store ends where it would begin again.
    pub fn successors(&self, key: KeyId) -> Vec<KeyId> {
        let next = |key: &&Key| self.keys.get(&key.replaced_by?);
        let mut met = HashSet::from([key]);
        std::iter::successors(self.keys.get(&key), next)
            .skip(1)
            .map(|key| key.id)
            .take_while(|id| met.insert(*id))
            .collect()
    }

    /// All that is suspended. A suspension of a key holds for the keys after it: whoever has a key can have another in its place.
    pub fn suspended(&self) -> HashSet<Target> {
        let mut found = HashSet::new();
        for suspension in &self.suspensions {
            if let Target::Key(id) = suspension.target
                && !crate::leak!("successor-of-suspended-goes-on")
            {
                found.extend(self.successors(id).into_iter().map(Target::Key));
            }
            found.insert(suspension.target.clone());
        }
        found
    }

    /// For each key in the place of another those before it, as far as they are `meant`. Each line is walked once, however long it is.
    pub(super) fn predecessors(&self, meant: impl Fn(KeyId) -> bool) -> HashMap<KeyId, Vec<KeyId>> {
        let later: HashSet<KeyId> = self.keys.values().filter_map(|k| k.replaced_by).collect();
        let mut found = HashMap::new();
        for first in self.keys.keys().filter(|id| !later.contains(id)) {
            let mut before = Vec::new();
            let mut last = *first;
            for next in self.successors(*first) {
                before.extend(Some(last).filter(|id| meant(*id)));
                found.entry(next).or_insert_with(|| before.clone());
                last = next;
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Suspension;

    /// Keys by number, each with the one in its place.
    fn parts(keys: &[(u32, Option<u32>)]) -> PolicyParts {
        let key = |(id, next): &(u32, Option<u32>)| {
            let key = Key {
                replaced_by: next.map(KeyId),
                ..Key::new(KeyId(*id), [0; 32], "eau")
            };
            (key.id, key)
        };
        PolicyParts {
            keys: keys.iter().map(key).collect(),
            ..PolicyParts::default()
        }
    }

    fn after(parts: &PolicyParts, key: u32) -> Vec<u32> {
        let successors = parts.successors(KeyId(key));
        successors.into_iter().map(|id| id.0).collect()
    }

    #[test]
    fn a_line_goes_on_from_key_to_key() {
        let parts = parts(&[(1, Some(2)), (2, Some(3)), (3, None), (4, Some(9))]);
        assert_eq!(after(&parts, 1), [2, 3]);
        for last in [3, 4, 9] {
            assert!(after(&parts, last).is_empty());
        }
        let before = parts.predecessors(|id| id != KeyId(2));
        assert_eq!(before[&KeyId(2)], [KeyId(1)]);
        assert_eq!(before[&KeyId(3)], [KeyId(1)]);
        assert_eq!(before.len(), 2);
    }

    #[test]
    fn a_circle_ends() {
        let parts = parts(&[(1, Some(2)), (2, Some(1)), (3, Some(3))]);
        assert_eq!((after(&parts, 1), after(&parts, 3)), (vec![2], vec![]));
        assert_eq!(parts.predecessors(|_| true).len(), 0);
    }

    #[test]
    fn a_suspension_holds_for_the_keys_after_it_and_not_before() {
        let mut parts = parts(&[(1, Some(2)), (2, Some(3)), (3, None)]);
        parts.suspensions.push(Suspension {
            target: Target::Key(KeyId(2)),
            reason: "lost".to_owned(),
            by: None,
        });
        let expected = [2, 3].map(|id| Target::Key(KeyId(id)));
        assert_eq!(parts.suspended(), HashSet::from(expected));
    }
}
