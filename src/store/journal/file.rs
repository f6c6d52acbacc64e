//! Writing `journal.sqlite`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, Transaction, params};

use super::super::connection::{broken, open};
use super::sums::{Exported, Key, Sum, Sums};
use crate::access::StoreError;

/// In the head of the file: "guij".
const APPLICATION_ID: i32 = 0x6775_696a;

const MIGRATIONS: &[&str] = &["
CREATE TABLE reads (
    layer TEXT NOT NULL,
    hour INTEGER NOT NULL,
    principal TEXT NOT NULL,
    view TEXT NOT NULL,
    route TEXT NOT NULL,
    requests INTEGER NOT NULL,
    features INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (layer, hour, principal, view, route)
) STRICT, WITHOUT ROWID;
CREATE INDEX reads_by_hour ON reads (hour);

CREATE TABLE exports (
    id INTEGER NOT NULL PRIMARY KEY,
    at_us INTEGER NOT NULL,
    principal TEXT NOT NULL,
    view TEXT NOT NULL,
    layer TEXT NOT NULL,
    features INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    address TEXT
) STRICT;
CREATE INDEX exports_by_time ON exports (at_us);

CREATE TABLE usage (
    day TEXT NOT NULL,
    layer TEXT NOT NULL,
    route TEXT NOT NULL,
    requests INTEGER NOT NULL,
    features INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (day, layer, route)
) STRICT, WITHOUT ROWID;
"];

/// Addresses are cut after this: long enough to look into an abuse, no longer (CNIL, recommendation on logs of 2021).
const ADDRESS_DAYS: i64 = 7;
const DAY_US: i64 = 86_400 * 1_000_000;
const HOUR_US: i64 = 3_600 * 1_000_000;

/// The file, to be written.
#[derive(Debug)]
pub(super) struct File(Connection);

/// Opens the file, or makes it.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    open(path, APPLICATION_ID, MIGRATIONS)
}

impl File {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        connect(path).map(Self)
    }

    /// Adds sums to those that are there, all of them or none.
    pub(super) fn write(&mut self, sums: &Sums, zone: &TimeZone) -> Result<(), StoreError> {
        let tx = self.0.transaction().map_err(broken)?;
        let mut days: BTreeMap<(String, &str, &'static str), Sum> = BTreeMap::new();
        for (key, sum) in &sums.rows {
            let day = day_of(key.hour, zone);
            days.entry((day, &key.layer, key.route.word()))
                .or_default()
                .add(*sum);
            if !key.principal.is_empty() {
                add_read(&tx, key, *sum).map_err(broken)?;
            }
        }
        for ((day, layer, route), sum) in days {
            add_usage(&tx, &day, layer, route, sum).map_err(broken)?;
        }
        for export in &sums.exports {
            add_export(&tx, export).map_err(broken)?;
        }
        tx.commit().map_err(broken)
    }

    /// Cuts addresses and deletes what has had its time.
    pub(super) fn tidy(&mut self, now_us: i64, keep_days: u32) -> Result<(), StoreError> {
        let tx = self.0.transaction().map_err(broken)?;
        cut_addresses(&tx, now_us.saturating_sub(ADDRESS_DAYS * DAY_US)).map_err(broken)?;
        let oldest_us = now_us.saturating_sub(i64::from(keep_days) * DAY_US);
        tx.execute("DELETE FROM exports WHERE at_us < ?1", [oldest_us])
            .map_err(broken)?;
        let oldest_hour = oldest_us.div_euclid(HOUR_US);
        tx.execute("DELETE FROM reads WHERE hour < ?1", [oldest_hour])
            .map_err(broken)?;
        tx.commit().map_err(broken)
    }
}

/// The day in which an hour begins.
fn day_of(hour: i64, zone: &TimeZone) -> String {
    let start = Timestamp::from_second(hour.saturating_mul(3_600)).unwrap_or(Timestamp::UNIX_EPOCH);
    start.to_zoned(zone.clone()).date().to_string()
}

fn add_read(tx: &Transaction<'_>, key: &Key, sum: Sum) -> rusqlite::Result<()> {
    let sql = "INSERT INTO reads (layer, hour, principal, view, route, requests, features, bytes) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET \
               requests = requests + excluded.requests, features = features + excluded.features, \
               bytes = bytes + excluded.bytes";
    tx.prepare_cached(sql)?.execute(params![
        key.layer,
        key.hour,
        key.principal,
        key.view.to_string(),
        key.route.word(),
        sum.requests.cast_signed(),
        sum.features.cast_signed(),
        sum.bytes.cast_signed()
    ])?;
    Ok(())
}

fn add_usage(
    tx: &Transaction<'_>,
    day: &str,
    layer: &str,
    route: &str,
    sum: Sum,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO usage (day, layer, route, requests, features, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
               ON CONFLICT DO UPDATE SET requests = requests + excluded.requests, \
               features = features + excluded.features, bytes = bytes + excluded.bytes";
    tx.prepare_cached(sql)?.execute(params![
        day,
        layer,
        route,
        sum.requests.cast_signed(),
        sum.features.cast_signed(),
        sum.bytes.cast_signed()
    ])?;
    Ok(())
}

fn add_export(tx: &Transaction<'_>, export: &Exported) -> rusqlite::Result<()> {
    let sql = "INSERT INTO exports (at_us, principal, view, layer, features, bytes, address) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    tx.prepare_cached(sql)?.execute(params![
        export.at_us,
        export.principal,
        export.view.to_string(),
        export.layer,
        export.features.cast_signed(),
        export.bytes.cast_signed(),
        export.address.map(|a| a.to_canonical().to_string())
    ])?;
    Ok(())
}

/// Leaves the network of addresses that are whole, of exports before an instant.
fn cut_addresses(tx: &Transaction<'_>, before_us: i64) -> rusqlite::Result<()> {
    let sql = "SELECT id, address FROM exports WHERE at_us < ?1 AND address IS NOT NULL AND instr(address, '/') = 0";
    let mut statement = tx.prepare_cached(sql)?;
    let whole: Vec<(i64, String)> = statement
        .query_map([before_us], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut update = tx.prepare_cached("UPDATE exports SET address = ?2 WHERE id = ?1")?;
    for (id, address) in whole {
        update.execute(params![id, address.parse().ok().map(network_of)])?;
    }
    Ok(())
}

/// The network of an address: 256 machines of IPv4, one site of IPv6.
fn network_of(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            let network = std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
            format!("{network}/48")
        }
    }
}
