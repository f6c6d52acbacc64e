//! The audit, and what it finds.

use super::*;

/// Threat 26: whoever writes past the store is found.
#[test]
fn the_audit_finds_what_was_changed_past_it() {
    let tamperings = [
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET actor = 'member:bob' WHERE seq = 3",
            "line 3",
        ),
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET at_us = at_us - 1 WHERE seq = 11",
            "line 11",
        ),
        (
            "DROP TRIGGER audit_is_not_rewritten; UPDATE audit SET after = json_set(after, '$.subject', 'public') WHERE seq = 6",
            "line 6",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE seq = 5",
            "line 6",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE seq = 11",
            "epoch",
        ),
        (
            "DROP TRIGGER audit_is_not_cut; DROP TRIGGER epoch_goes_up; DELETE FROM audit WHERE seq = 11; \
             UPDATE epoch SET n = 10; DELETE FROM requests",
            "lines after 10",
        ),
        (
            "UPDATE grants SET body = json_set(body, '$.subject', 'public')",
            "grant:g-1",
        ),
        ("DELETE FROM grants", "grant:g-1 is gone"),
        ("DELETE FROM suspensions", "suspension:key:00000002 is gone"),
        ("UPDATE keys SET revoked_us = 5", "key:00000002 is gone"),
        (
            "INSERT INTO grants (id, body) SELECT 'g-9', json_set(body, '$.id', 'g-9') FROM grants",
            "grant:g-9",
        ),
        ("UPDATE epoch SET n = 12", "the epoch is 12"),
    ];
    for (sql, expected) in tamperings {
        let f = filled();
        assert_eq!(f.faults(), Vec::<String>::new());
        f.raw().execute_batch(sql).unwrap();
        let faults = f.faults();
        assert!(
            faults.iter().any(|fault| fault.contains(expected)),
            "{sql}\n{faults:?}"
        );
    }
}

#[test]
fn a_forged_line_needs_the_secret() {
    let f = filled();
    let db = f.raw();
    let mut line = f
        .store
        .audit(&AuditQuery::default())
        .unwrap()
        .pop()
        .unwrap();
    line.prev_hash = line.hash;
    line.seq += 1;
    line.epoch += 1;
    line.hash = line.expected_hash(&[0; 32]);
    let sql = "INSERT INTO audit SELECT ?1, ?2, at_us, actor, act, 'request:r-forged', NULL, NULL, ?3, ?4 FROM audit WHERE seq = 11";
    let values = rusqlite::params![12, 12, line.prev_hash, line.hash];
    assert_eq!(db.execute(sql, values).unwrap(), 1);
    db.execute("UPDATE epoch SET n = 12", []).unwrap();
    let faults = f.faults();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].contains("another secret"));
}

#[test]
fn the_audit_is_only_added_to() {
    let f = filled();
    let db = f.raw();
    for sql in [
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'x'",
        "UPDATE epoch SET n = 1",
        "DELETE FROM epoch",
    ] {
        assert!(db.execute(sql, []).is_err(), "{sql}");
    }
}
