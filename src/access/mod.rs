//! TEMPORARY: replaced by the lead's at merge.
#![allow(missing_docs)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    Anonymous,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surface {
    Discover,
    Tiles,
    Items,
}
