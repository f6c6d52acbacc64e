//! Who read what of restricted data: what is written down, and the seam through which requests hand it on.

use super::view::ViewId;

/// Through which face of the service something was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Route {
    Tiles,
    Items,
    Item,
    Export,
    /// Extent, schema, counts and whatever else says something of the rows without showing one.
    Description,
}

impl Route {
    /// The word in journals.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tiles => "tiles",
            Self::Items => "items",
            Self::Item => "item",
            Self::Export => "export",
            Self::Description => "description",
        }
    }
}

/// One answer, as the journal knows it.
#[derive(Debug, Clone, Copy)]
pub struct Read<'a> {
    /// How journals name the caller ([`super::Standing::name`]), or `anonymous`.
    pub principal: &'a str,
    /// What the caller has: [`ViewId::EVERYTHING`] on an open layer, of which only the day's totals are kept.
    pub view: ViewId,
    /// Collection id.
    pub layer: &'a str,
    /// Through which face.
    pub route: Route,
    /// Rows that were shown, as far as the answer knows; cells count as one each.
    pub features: u64,
    /// Bytes of the answer's body before compression.
    pub bytes: u64,
    /// The moment, in microseconds since 1970.
    pub at_us: i64,
    /// From where; kept with exports only, and cut after seven days.
    pub address: Option<std::net::IpAddr>,
    /// The layer is open to everybody: only totals of the day are kept.
    pub open: bool,
}

/// What takes note of reads. Called while a request is answered: it must not wait, and must not fail.
pub trait ReadJournal: Send + Sync {
    /// Takes note of an answer.
    fn record(&self, read: Read<'_>);
}

/// Takes no note: for tests, and for commands that serve nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoJournal;

impl ReadJournal for NoJournal {
    fn record(&self, _read: Read<'_>) {}
}
