//! Floor 5: pages of a layer's features, as OGC API Features asks for them (OGC 17-069r4 Part 1, OGC 18-058r1 Part 2, OGC 19-079r2
//! Part 3).
//!
//! A query is parsed against what the caller may see ([`ItemsQuery::parse`]), then answered from a
//! [`VisibleLayer`](crate::catalog::VisibleLayer) ([`first_rows`], [`further_rows`]): rows go to a sink in the public order, so a
//! page is never held in memory. Pure and synchronous; knows nothing of HTTP or of output formats.

mod bbox;
mod cql2;
mod crs;
mod cursor;
mod datetime;
mod draft;
mod equality;
mod fault;
mod filter;
mod page;
mod query;

pub use cql2::FILTER_LANGUAGES;
pub use crs::{CrsList, OfferedCrs, offered};
pub use cursor::{Secret, Start};

pub use equality::{RESERVED, queryable_fields};
pub use fault::{Fault, FaultKind};
pub use filter::Filter;
pub use page::{Cancelled, Counts, PageStart, Rest, Room, Sink, first_rows, further_rows};
pub use query::{ItemsQuery, Limits};
