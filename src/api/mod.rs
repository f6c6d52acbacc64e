//! Floor 6: HTTP.
