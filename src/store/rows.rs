//! Rows of entries: an id, the entry's JSON, and when it was revoked.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::connection::broken;
use super::schema::{TABLES, table};
use crate::access::{
    Attributes, Broken, Effect, Entry, LayerState, Name, PolicyParts, Profile, Record, StoreError,
    Stored, Suspension, Zooms,
};

/// What the row of a name says.
pub(super) enum Row {
    /// There is none.
    Absent,
    /// It was revoked.
    Revoked,
    /// Its JSON.
    Live(String),
}

/// The row of a name.
pub(super) fn find(db: &Connection, name: &Name) -> Result<Row, StoreError> {
    let sql = format!(
        "SELECT body, revoked_us FROM {} WHERE id = ?1",
        table(name.kind())
    );
    let mut statement = db.prepare_cached(&sql).map_err(broken)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?));
    let found = statement
        .query_row([name.id()], read)
        .optional()
        .map_err(broken)?;
    Ok(match found {
        None => Row::Absent,
        Some((_, Some(_))) => Row::Revoked,
        Some((body, None)) => Row::Live(body),
    })
}

/// The entry that a body means.
pub(super) fn read(name: &Name, body: &str) -> Result<Entry, StoreError> {
    Entry::from_json(name.kind(), body)
        .map_err(|e| StoreError::Broken(format!("{name} cannot be read: {e}")))
}

/// Writes what an effect leaves behind.
pub(super) fn write(db: &Connection, effect: &Effect, at_us: i64) -> Result<(), StoreError> {
    let table = table(effect.name.kind());
    let id = effect.name.id();
    match &effect.after {
        Some(entry) => {
            let sql = format!(
                "INSERT INTO {table} (id, body) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET body = excluded.body"
            );
            let body = json(entry)?;
            let mut statement = db.prepare_cached(&sql).map_err(broken)?;
            statement.execute([&id, &body]).map_err(broken)?;
        }
        None if is_kept(&effect.name) => {
            let sql = format!("UPDATE {table} SET revoked_us = ?2 WHERE id = ?1");
            let mut statement = db.prepare_cached(&sql).map_err(broken)?;
            statement.execute(params![id, at_us]).map_err(broken)?;
        }
        None => {
            let sql = format!("DELETE FROM {table} WHERE id = ?1");
            let mut statement = db.prepare_cached(&sql).map_err(broken)?;
            statement.execute([id]).map_err(broken)?;
        }
    }
    Ok(())
}

/// The text of an entry in its row and in the audit.
pub(super) fn json(entry: &Entry) -> Result<String, StoreError> {
    let unwritable = |e| StoreError::Broken(format!("{} cannot be written: {e}", entry.name()));
    entry.to_json().map_err(unwritable)
}

/// True of what stays as a row after it was revoked, so that its id is never used a second time.
pub(super) fn is_kept(name: &Name) -> bool {
    !matches!(
        name,
        Name::Suspension(_) | Name::Acceptance(..) | Name::Layer(_)
    )
}

/// Every live row of a kind, in the order in which they were made: its id and body.
pub(super) fn each(
    db: &Connection,
    kind: &str,
    mut row: impl FnMut(&str, &str),
) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT id, body FROM {} WHERE revoked_us IS NULL ORDER BY rowid",
        table(kind)
    );
    let mut statement = db.prepare_cached(&sql).map_err(broken)?;
    let mut rows = statement.query([]).map_err(broken)?;
    while let Some(found) = rows.next().map_err(broken)? {
        let text = |i| found.get_ref(i).and_then(|v| Ok(v.as_str()?));
        row(text(0).map_err(broken)?, text(1).map_err(broken)?);
    }
    Ok(())
}

/// Live entries of a kind whose JSON contains a text; those that cannot be read are left out.
pub(super) fn containing(
    db: &Connection,
    kind: &str,
    text: &str,
) -> Result<Vec<Entry>, StoreError> {
    let sql = format!(
        "SELECT body FROM {} WHERE revoked_us IS NULL AND instr(body, ?1) > 0 ORDER BY rowid",
        table(kind)
    );
    let mut statement = db.prepare_cached(&sql).map_err(broken)?;
    let bodies = statement
        .query_map([text], |row| row.get::<_, String>(0))
        .map_err(broken)?;
    let mut entries = Vec::new();
    for body in bodies {
        entries.extend(Entry::from_json(kind, &body.map_err(broken)?).ok());
    }
    Ok(entries)
}

/// The store's epoch.
pub(super) fn epoch(db: &Connection) -> Result<u64, StoreError> {
    let mut statement = db.prepare_cached("SELECT n FROM epoch").map_err(broken)?;
    let n = statement.query_row([], |row| row.get::<_, i64>(0));
    Ok(n.map_err(broken)?.unsigned_abs())
}

/// Everything that is live.
pub(super) fn load(db: &Connection) -> Result<Stored, StoreError> {
    let mut stored = Stored::default();
    stored.parts.epoch = epoch(db)?;
    let kinds = TABLES.iter().map(|(kind, _)| *kind);
    for kind in kinds.filter(|k| *k != "request") {
        each(db, kind, |id, body| {
            let read = Entry::from_json(kind, body).map_err(|e| e.to_string());
            let read = read.and_then(|e| e.check().map(|()| e).map_err(|e| e.to_string()));
            match (read, format!("{kind}:{id}").parse::<Name>()) {
                (Ok(entry), Ok(name)) if entry.name() == name => add(&mut stored.parts, entry),
                (Ok(_), Ok(name)) => {
                    let why = "the row holds another entry".to_owned();
                    stored.broken.push(Broken { name, why });
                }
                (Err(why), Ok(name)) => {
                    stay_closed(&mut stored.parts, &name);
                    stored.broken.push(Broken { name, why });
                }
                // Not even its name can be read: it is told as the layer of that name, which cannot be.
                (_, Err(e)) => {
                    let (name, why) = (Name::Layer(id.to_owned()), format!("{kind}: {e}"));
                    stored.broken.push(Broken { name, why });
                }
            }
        })?;
    }
    Ok(stored)
}

/// What cannot be read gives nobody anything; what closed something goes on closing it.
fn stay_closed(parts: &mut PolicyParts, name: &Name) {
    match name {
        Name::Suspension(target) => parts.suspensions.push(Suspension {
            target: target.clone(),
            reason: "its row cannot be read".to_owned(),
            by: None,
        }),
        Name::Layer(layer) => {
            parts
                .layer_states
                .insert(layer.clone(), LayerState::Withdrawn);
        }
        Name::Profile(id) if crate::leak!("faulty-row-widened") => {
            let wide = Profile {
                id: id.clone(),
                organisation: None,
                rows: "TRUE".to_owned(),
                attributes: Attributes::All,
                area: None,
                derived: std::collections::BTreeMap::new(),
                zooms: Zooms::ALL,
                precision: None,
                formats: None,
            };
            parts.profiles.insert(id.clone(), wide);
        }
        _ => {}
    }
}

fn add(parts: &mut PolicyParts, entry: Entry) {
    match entry {
        Entry::Record(Record::Organisation(o)) => drop(parts.organisations.insert(o.id.clone(), o)),
        Entry::Record(Record::Member(m)) => drop(parts.members.insert(m.id.clone(), m)),
        Entry::Record(Record::Profile(p)) => drop(parts.profiles.insert(p.id.clone(), p)),
        Entry::Record(Record::Grant(g)) => parts.grants.push(g),
        Entry::Record(Record::Key(k)) => drop(parts.keys.insert(k.id, k)),
        Entry::Record(Record::Terms(t)) => drop(parts.terms.insert(t.terms.clone(), t)),
        Entry::Suspension(s) => parts.suspensions.push(s),
        Entry::Acceptance(a) => drop(parts.acceptances.insert((a.organisation, a.terms))),
        Entry::Layer(life) => {
            let state = life.state.unwrap_or(LayerState::Published);
            if life.state.is_some() {
                parts.layer_states.insert(life.layer.clone(), state);
            }
            if let Some(until) = life.embargo_until_us {
                parts.embargoes.insert(life.layer, until);
            }
        }
        Entry::Request(_) => {}
    }
}
