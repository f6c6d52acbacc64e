//! What a publisher says of a layer: plain text, never computed from rows.

/// Descriptive metadata of a layer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// Title for people; the id if none was given.
    pub title: String,
    /// A paragraph.
    pub description: Option<String>,
    /// Free keywords.
    pub keywords: Vec<String>,
    /// Short name of the licence (`etalab-2.0`) or its URL.
    pub licence: Option<String>,
    /// Credits to show wherever the data are displayed.
    pub attribution: Option<String>,
    /// Whom to write to.
    pub contact: Option<String>,
    /// Date of the last update, `YYYY-MM-DD`, as declared.
    pub updated: Option<String>,
    /// Property that gives an item its title.
    pub label: Option<String>,
    /// Title of the organisation that publishes it.
    pub publisher: Option<String>,
}
