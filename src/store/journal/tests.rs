//! The journal alone.

use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::access::{Route, ViewId};

const NOON: i64 = 1_790_000_000_000_000 / 3_600_000_000 * 3_600_000_000;
const DAY: i64 = 86_400_000_000;

static CLOCK: AtomicI64 = AtomicI64::new(NOON);

fn options() -> JournalOptions {
    JournalOptions {
        every: Duration::from_millis(20),
        keep_days: 365,
        zone: TimeZone::get("Europe/Paris").unwrap(),
        now_us: || NOON,
    }
}

fn read(principal: &str, at_us: i64) -> Read<'_> {
    Read {
        principal,
        view: ViewId(5),
        layer: "region.parcelles",
        route: Route::Items,
        features: 10,
        bytes: 1_000,
        at_us,
        address: None,
        open: false,
    }
}

fn all() -> Question {
    Question {
        to_us: i64::MAX,
        ..Question::default()
    }
}

#[test]
fn reads_are_summed_up_by_hour_and_caller() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::start(folder.path(), options()).unwrap();
    for (principal, at) in [
        ("key:1", NOON),
        ("key:1", NOON + 5),
        ("key:2", NOON),
        ("key:1", NOON + 3_600_000_000),
    ] {
        journal.record(read(principal, at));
    }
    journal.flush();
    // A second part of the same hour is added to the first.
    journal.record(read("key:1", NOON + 9));
    drop(journal);
    let file = JournalFile::open(folder.path()).unwrap();
    let answer = file.ask(&all()).unwrap();
    let rows: Vec<(i64, &str, u64, u64)> = answer
        .hours
        .iter()
        .map(|h| (h.from_s, h.principal.as_str(), h.requests, h.bytes))
        .collect();
    let hour = NOON / 1_000_000;
    assert_eq!(
        rows,
        [
            (hour, "key:1", 3, 3_000),
            (hour, "key:2", 1, 1_000),
            (hour + 3_600, "key:1", 1, 1_000)
        ]
    );
    assert_eq!(answer.exports, []);
    let one = Question {
        principal: Some("key:2".to_owned()),
        from_us: NOON + 1,
        ..all()
    };
    assert_eq!(file.ask(&one).unwrap().hours.len(), 1);
    let later = Question {
        from_us: NOON + 3_600_000_000,
        ..all()
    };
    assert_eq!(file.ask(&later).unwrap().hours.len(), 1);
}

#[test]
fn of_open_layers_the_totals_alone_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::start(folder.path(), options()).unwrap();
    let open = Read {
        open: true,
        layer: "region.communes",
        route: Route::Export,
        address: "192.0.2.7".parse().ok(),
        ..read("key:1", NOON)
    };
    journal.record(open);
    journal.record(open);
    journal.record(read("key:1", NOON));
    drop(journal);
    let file = JournalFile::open(folder.path()).unwrap();
    let answer = file.ask(&all()).unwrap();
    assert_eq!((answer.hours.len(), answer.exports.len()), (1, 0));
    let usage = file.usage(None, "2026-01-01", "2027-01-01").unwrap();
    let rows: Vec<(&str, &str, u64)> = usage
        .iter()
        .map(|u| (u.layer.as_str(), u.route.as_str(), u.requests))
        .collect();
    assert_eq!(
        rows,
        [
            ("region.communes", "export", 2),
            ("region.parcelles", "items", 1)
        ]
    );
    let bytes = std::fs::read(folder.path().join("journal.sqlite")).unwrap();
    assert!(!bytes.windows(9).any(|w| w == b"192.0.2.7"));
}

#[test]
fn days_are_those_of_the_platform() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::start(folder.path(), options()).unwrap();
    // 23 o'clock in London is the next day in Paris.
    let evening: jiff::Timestamp = "2026-06-30T23:10:00Z".parse().unwrap();
    journal.record(read("key:1", evening.as_microsecond()));
    drop(journal);
    let file = JournalFile::open(folder.path()).unwrap();
    let usage = file
        .usage(Some("region.parcelles"), "2026-06-30", "2026-07-02")
        .unwrap();
    assert_eq!(usage[0].day, "2026-07-01");
}

#[test]
fn addresses_are_cut_and_callers_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let with_clock = JournalOptions {
        now_us: || CLOCK.load(Ordering::Relaxed),
        ..options()
    };
    let export = |address: &str| Read {
        route: Route::Export,
        address: address.parse::<IpAddr>().ok(),
        ..read("key:1", NOON)
    };
    let keep = |journal: Journal, at: i64| {
        CLOCK.store(at, Ordering::Relaxed);
        drop(journal);
        let file = JournalFile::open(folder.path()).unwrap();
        let answer = file.ask(&all()).unwrap();
        let addresses: Vec<String> = answer
            .exports
            .into_iter()
            .filter_map(|e| e.address)
            .collect();
        (answer.hours.len(), addresses)
    };
    let journal = Journal::start(folder.path(), with_clock.clone()).unwrap();
    for address in ["203.0.113.77", "2001:db8:1:2::9", "::ffff:198.51.100.4"] {
        journal.record(export(address));
    }
    let whole = ["203.0.113.77", "2001:db8:1:2::9", "198.51.100.4"].map(str::to_owned);
    assert_eq!(keep(journal, NOON), (1, whole.to_vec()));
    let journal = Journal::start(folder.path(), with_clock.clone()).unwrap();
    let cut = ["203.0.113.0/24", "2001:db8:1::/48", "198.51.100.0/24"].map(str::to_owned);
    assert_eq!(keep(journal, NOON + 7 * DAY + 1), (1, cut.to_vec()));
    let journal = Journal::start(folder.path(), with_clock).unwrap();
    assert_eq!(keep(journal, NOON + 366 * DAY), (0, Vec::new()));
    let file = JournalFile::open(folder.path()).unwrap();
    assert_eq!(
        file.usage(None, "2000-01-01", "2100-01-01").unwrap().len(),
        1
    );
}

/// Many threads at once, writes in between: nothing is lost and nobody waits.
#[test]
fn nothing_is_lost_under_load() {
    const THREADS: u64 = 8;
    const EACH: u64 = 20_000;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::start(folder.path(), options()).unwrap();
    let names: Vec<String> = (0..50).map(|i| format!("key:{i}")).collect();
    let mut longest = Duration::ZERO;
    std::thread::scope(|scope| {
        let record = |thread: u64| {
            let (journal, names) = (&journal, &names);
            move || {
                let mut longest = Duration::ZERO;
                for i in 0..EACH {
                    let name = &names[((i * 7 + thread) % 50) as usize];
                    let start = std::time::Instant::now();
                    journal.record(read(name, NOON));
                    longest = longest.max(start.elapsed());
                }
                longest
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|t| scope.spawn(record(t))).collect();
        for thread in threads {
            longest = longest.max(thread.join().unwrap());
        }
    });
    assert_eq!(journal.fault(), None);
    drop(journal);
    let file = JournalFile::open(folder.path()).unwrap();
    let hours = file.ask(&all()).unwrap().hours;
    assert_eq!(hours.len(), 50);
    assert_eq!(
        hours.iter().map(|h| h.requests).sum::<u64>(),
        THREADS * EACH
    );
    // A shard is held for as long as it takes to swap it; the rest is this machine's scheduler.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
}

#[test]
fn a_flood_of_names_is_summed_up_as_one() {
    let shards = Shards::default();
    for i in 0..20_000 {
        shards.add(&read(&format!("identity:{i}"), NOON));
    }
    let mut sums = Sums::default();
    shards.take(&mut sums);
    assert!(sums.rows.len() <= 8_193, "{}", sums.rows.len());
    let requests: u64 = sums.rows.values().map(|s| s.requests).sum();
    assert_eq!(requests, 20_000);
    assert!(sums.rows.keys().any(|k| &*k.principal == "(others)"));
}

#[test]
fn what_cannot_be_written_now_is_written_later() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::start(folder.path(), options()).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("journal.sqlite")).unwrap();
    other
        .execute_batch("ALTER TABLE reads RENAME TO away")
        .unwrap();
    journal.record(read("key:1", NOON));
    journal.flush();
    assert!(journal.fault().is_some());
    journal.record(read("key:1", NOON));
    journal.flush();
    other
        .execute_batch("ALTER TABLE away RENAME TO reads")
        .unwrap();
    journal.flush();
    assert_eq!(journal.fault(), None);
    drop(journal);
    let hours = JournalFile::open(folder.path())
        .unwrap()
        .ask(&all())
        .unwrap()
        .hours;
    assert_eq!(hours[0].requests, 2);
}
