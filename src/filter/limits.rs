//! Ceilings on a filter. A filter comes from anybody, may be evaluated over millions of rows, and is parsed by recursion.

/// What a filter may be at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text or JSON: the border of a large commune is some 30 kB, and a URL of hyper is at most 64 KiB.
    pub length_bytes: usize,
    /// Brackets, operators and functions inside of each other. People write less than ten; each level costs up to 6 KiB of a stack of
    /// 2 MiB.
    pub depth: usize,
    /// Parts of the tree, members of lists included.
    pub nodes: usize,
    /// Vertices of all geometries together.
    pub vertices: usize,
    /// Estimated cost of one row, where comparing two numbers costs 1 (about a nanosecond).
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            length_bytes: 64 << 10,
            depth: 64,
            nodes: 10_000,
            vertices: 10_000,
            // 20 µs a row: a search of a million rows that no index shortens ends within half a minute.
            cost: 20_000,
        }
    }
}
