//! Requests for access: somebody who has none asks the publisher of a layer.

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestState {
    /// Nobody has answered yet.
    Open,
    /// A grant was made.
    Approved,
    /// It was refused.
    Refused,
    /// Whoever asked no longer does.
    Withdrawn,
}

/// A request for access to a layer. Its texts come from callers: they are shown to whoever decides, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRequest {
    /// Its id, which tells nothing of how many there are.
    pub id: String,
    /// The organisation that asks.
    pub organisation: String,
    /// Collection id of what it asks for.
    pub layer: String,
    /// What for.
    pub purpose: String,
    /// Where, in words or as WKT.
    #[serde(deserialize_with = "super::written::given")]
    pub area: Option<String>,
    /// Until when: the first instant at which it is no longer needed, in microseconds since 1970.
    #[serde(rename = "until", with = "super::written::instant")]
    pub until_us: i64,
    /// When it was made, in microseconds since 1970.
    #[serde(rename = "asked", with = "super::written::instant")]
    pub asked_us: i64,
    /// How far it has come.
    pub state: RequestState,
    /// Who decided.
    #[serde(deserialize_with = "super::written::given")]
    pub decided_by: Option<String>,
    /// Why it was refused.
    #[serde(deserialize_with = "super::written::given")]
    pub reason: Option<String>,
    /// The grant that was made.
    #[serde(deserialize_with = "super::written::given")]
    pub grant: Option<String>,
}
