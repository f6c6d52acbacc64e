//! The time of day, and random numbers: from the system, or from a test.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// One that tells what `now_us` does: microseconds since 1970, UTC.
    pub fn new(now_us: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now_us))
    }

    /// Microseconds since 1970, UTC.
    pub fn now_us(&self) -> i64 {
        (self.0)()
    }
}

impl Default for Clock {
    /// The system's.
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_or(0, |d| d.as_micros() as i64)
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now_us())
    }
}

/// No random numbers can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

type Fill = dyn Fn(&mut [u8]) -> Result<(), NoRandom> + Send + Sync;

/// Gives random bytes, fit for secrets.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// One that fills buffers as `fill` does.
    pub fn new(fill: impl Fn(&mut [u8]) -> Result<(), NoRandom> + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// Fills a buffer.
    pub fn fill(&self, buffer: &mut [u8]) -> Result<(), NoRandom> {
        (self.0)(buffer)
    }
}

impl Default for Random {
    /// The system's.
    fn default() -> Self {
        Self::new(|buffer| getrandom::fill(buffer).map_err(|_| NoRandom))
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(…)")
    }
}

/// An instant as documents write it (RFC 3339), UTC: `2027-06-30T22:00:00Z`.
pub(super) fn instant(us: i64) -> String {
    timestamp(us).to_string()
}

/// An instant as headers write it (RFC 9110 §5.6.7).
pub(super) fn http_date(us: i64) -> String {
    let utc = timestamp(us).to_zoned(jiff::tz::TimeZone::UTC);
    utc.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Beyond the year 9999 there is only its end.
fn timestamp(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or(if us < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_in_documents_and_headers() {
        let us = 1_814_392_800_000_000;
        assert_eq!(instant(us), "2027-06-30T22:00:00Z");
        assert_eq!(http_date(us), "Wed, 30 Jun 2027 22:00:00 GMT");
        assert!(instant(i64::MAX).starts_with("9999-12-30"));
        assert!(instant(i64::MIN).starts_with("-009999-01-02"));
        assert!(Clock::default().now_us() > us - 100 * 365 * 86_400_000_000);
    }
}
