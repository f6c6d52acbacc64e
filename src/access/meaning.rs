//! A hash of what something means: of values one after the other, none of which can be taken for a part of its neighbour.

/// Takes values in and gives a number that stands for all of them.
pub(super) struct Meaning(blake3::Hasher);

impl Meaning {
    /// Nobody can tell from the number, nor confirm a guess, without the key.
    pub(super) fn keyed(key: &[u8; 32]) -> Self {
        Self(blake3::Hasher::new_keyed(key))
    }

    /// For numbers that stay inside.
    pub(super) fn plain(context: &'static str) -> Self {
        Self(blake3::Hasher::new_derive_key(context))
    }

    pub(super) fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Absent, or present and then what `add` takes in.
    pub(super) fn option<T>(&mut self, value: Option<T>, add: impl FnOnce(&mut Self, T)) {
        self.number(value.is_some().into());
        if let Some(value) = value {
            add(self, value);
        }
    }

    /// How many, and then each.
    pub(super) fn list<T>(
        &mut self,
        values: impl ExactSizeIterator<Item = T>,
        mut add: impl FnMut(&mut Self, T),
    ) {
        self.number(values.len() as u64);
        for value in values {
            add(self, value);
        }
    }

    /// The number.
    pub(super) fn end(&self) -> u128 {
        let mut first = [0; 16];
        first.copy_from_slice(&self.0.finalize().as_bytes()[..16]);
        u128::from_le_bytes(first)
    }
}
