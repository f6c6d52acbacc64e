//! What is known of each EPSG code beyond its projection string, which has lost the axis order, angles other than degrees and
//! some datums.
//!
//! The ranges run over codes of the EPSG table; what lies between them is not asked for.

/// True for the codes of full support, see [`super::Support::Full`].
pub(super) fn is_full(code: u16) -> bool {
    matches!(
        code,
        2154 | 3857 | 3942..=3950 | 4171 | 4258 | 4326 | 25828..=25838 | 32601..=32660 | 32701..=32760
    )
}

/// True if the code's coordinates would come out wrong.
pub(super) fn is_refused(code: u16) -> bool {
    within(REFUSED, code)
}

/// True if the authority writes the northing or latitude first.
pub(super) fn is_north_first(code: u16) -> bool {
    within(NORTH_FIRST, code)
}

fn within(ranges: &[(u16, u16)], code: u16) -> bool {
    let next = ranges.partition_point(|(low, _)| *low <= code);
    next > 0 && code <= ranges[next - 1].1
}

// --- generated
const REFUSED: &[(u16, u16)] = &[];
const NORTH_FIRST: &[(u16, u16)] = &[];
