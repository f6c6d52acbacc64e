//! Values of properties, borrowed from the columns.

use super::temporal::{Date, DateTime};

/// One value. Which variants a column can give follows from its [`DataType`](super::DataType); any can be `Null`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// No value.
    Null,
    /// `boolean`
    Bool(bool),
    /// `integer`
    Int(i64),
    /// `number`; may be infinite or NaN, which JSON cannot say (see the GeoJSON writer)
    Float(f64),
    /// `string`
    Text(&'a str),
    /// `date`
    Date(Date),
    /// `date-time`
    DateTime(DateTime),
    /// `json`: the text of one JSON value, as the source had it
    Json(&'a str),
}

impl ValueRef<'_> {
    /// True for [`ValueRef::Null`].
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}
