//! What the server writes to its log, recorded.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

static LOG: Mutex<Option<Vec<u8>>> = Mutex::new(None);
static START: Once = Once::new();

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(log) = &mut *LOG.lock().unwrap_or_else(PoisonError::into_inner) {
            log.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// True while somebody records: else events are not even formatted.
fn is_recording() -> bool {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

/// Does something, and gives what was logged meanwhile at any level: by all threads, hence by other tests too.
pub fn record(work: impl FnOnce()) -> Vec<u8> {
    use tracing_subscriber::filter::dynamic_filter_fn;
    use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    START.call_once(|| {
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(|| Sink);
        let filter = dynamic_filter_fn(|_, _| is_recording());
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(filter));
        tracing::subscriber::set_global_default(subscriber).expect("nobody else sets it");
    });
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    work();
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).take();
    log.expect("taken here alone")
}

#[test]
fn the_log_is_recorded() {
    let log = record(|| tracing::debug!("something happened"));
    assert!(String::from_utf8_lossy(&log).contains("something happened"));
}
