//! Keys in the place of others.

use super::*;

#[test]
fn a_key_is_renewed_with_what_it_opens() {
    let f = filled();
    f.change(&Change::Resume(Target::Key(KeyId(2)))).unwrap();
    let mine = f.create(Record::Grant(grant("", "key:00000002", "tout")));
    let rotate = |new: Key, overlap| Change::RotateKey {
        old: KeyId(2),
        new: Box::new(new),
        overlap_until_us: overlap,
    };
    let mut wider = key(4, "eau");
    wider.scopes.max_zoom = Some(3);
    assert!(matches!(
        f.change(&rotate(wider, NOW + DAY)),
        Err(StoreError::Refused(_))
    ));
    let later = NOW + 31 * DAY;
    assert!(matches!(
        f.change(&rotate(key(4, "eau"), later)),
        Err(StoreError::Refused(_))
    ));
    f.change(&rotate(key(4, "eau"), NOW + DAY)).unwrap();
    let parts = f.parts();
    let old = &parts.keys[&KeyId(2)];
    assert_eq!(
        (old.replaced_by, old.until_us),
        (Some(KeyId(4)), Some(NOW + DAY))
    );
    // What was granted to the old one is no other grant for the new one.
    let on = parts.grants.iter().filter(|g| g.profile == "tout");
    assert_eq!(on.map(|g| &g.id).collect::<Vec<_>>(), [&mine]);
    let twice = f.change(&rotate(key(5, "eau"), NOW + DAY));
    assert!(matches!(twice, Err(StoreError::Already(_))));
    assert_eq!(f.faults(), Vec::<String>::new());
}

/// Replaces keys of `eau`.
fn rotate(old: u32, new: u32) -> Change {
    Change::RotateKey {
        old: KeyId(old),
        new: Box::new(key(new, "eau")),
        overlap_until_us: NOW + DAY,
    }
}

#[test]
fn a_key_of_a_file_or_one_that_is_suspended_is_not_renewed() {
    let f = filled();
    let refused = |old| matches!(f.change(&rotate(old, 9)), Err(StoreError::Refused(_)));
    assert!(refused(2));
    assert!(matches!(
        f.change(&rotate(1, 9)),
        Err(StoreError::InFile(_))
    ));
    // Nor one in the place of one that is suspended.
    f.change(&Change::Resume(Target::Key(KeyId(2)))).unwrap();
    f.change(&rotate(2, 3)).unwrap();
    f.change(&rotate(3, 4)).unwrap();
    f.change(&Change::Suspend(Suspension {
        target: Target::Key(KeyId(2)),
        reason: "perdue".to_owned(),
        by: None,
    }))
    .unwrap();
    assert!(refused(4));
    f.change(&Change::Resume(Target::Key(KeyId(2)))).unwrap();
    f.change(&rotate(4, 9)).unwrap();
}

#[test]
fn a_successor_holds_no_longer_and_no_sooner() {
    let f = filled();
    let old = Key {
        from_us: Some(NOW - DAY),
        until_us: Some(NOW + 40 * DAY),
        ..key(5, "eau")
    };
    f.create(Record::Key(old.clone()));
    let renewed = |spoil: fn(&mut Key)| {
        let mut new = Key {
            sha256: [5; 32],
            id: KeyId(6),
            ..old.clone()
        };
        spoil(&mut new);
        f.change(&Change::RotateKey {
            old: old.id,
            new: Box::new(new),
            overlap_until_us: NOW + DAY,
        })
    };
    let spoils: [fn(&mut Key); 4] = [
        |k| k.until_us = None,
        |k| k.until_us = Some(NOW + 41 * DAY),
        |k| k.from_us = None,
        |k| k.from_us = Some(NOW - 2 * DAY),
    ];
    for spoil in spoils {
        assert!(matches!(renewed(spoil), Err(StoreError::Refused(_))));
    }
    renewed(|k| k.from_us = Some(NOW)).unwrap();
    // One that has not begun would be there no more.
    let later = Key {
        from_us: Some(NOW + 2 * DAY),
        ..key(7, "eau")
    };
    f.create(Record::Key(later));
    assert!(matches!(
        f.change(&rotate(7, 8)),
        Err(StoreError::Refused(_))
    ));
}

/// A key, those in its place, and a grant for one of these.
fn line() -> Fixture {
    let f = Fixture::new();
    f.create(Record::Organisation(organisation("eau")));
    f.create(Record::Key(key(2, "eau")));
    for old in 2..5 {
        f.change(&rotate(old, old + 1)).unwrap();
    }
    f.create(Record::Grant(grant("g-4", "key:00000004", "tout")));
    f
}

/// The audit's names of the last change.
fn last(f: &Fixture) -> Vec<String> {
    let lines = f.store.audit(&AuditQuery::default()).unwrap();
    let epoch = lines.last().unwrap().epoch;
    let last = lines.into_iter().filter(|l| l.epoch == epoch);
    last.map(|l| format!("{} {}", l.act, l.name)).collect()
}

#[test]
fn successors_are_revoked_with_their_key() {
    let f = line();
    let gone = f.change(&Change::Revoke(Name::Key(KeyId(3)))).unwrap();
    let fallen: Vec<String> = gone.fallen.iter().map(Name::to_string).collect();
    assert_eq!(fallen, ["key:00000004", "grant:g-4", "key:00000005"]);
    let keys: Vec<u32> = f.parts().keys.keys().map(|k| k.0).collect();
    assert_eq!(keys, [2], "the one before goes on to its end");
    assert_eq!(
        last(&f),
        [
            "revoke key:00000003",
            "revoke key:00000004",
            "revoke grant:g-4",
            "revoke key:00000005"
        ]
    );
    assert_eq!(f.faults(), Vec::<String>::new());
    f.change(&Change::Revoke(Name::Key(KeyId(2)))).unwrap();
    assert_eq!(f.parts().keys.len(), 0);
}

#[test]
fn successors_are_suspended_and_released_with_their_key() {
    let f = line();
    let target = || Target::Key(KeyId(3));
    let before = f.parts().keys;
    let done = f.change(&Change::Suspend(Suspension {
        target: target(),
        reason: "perdue".to_owned(),
        by: None,
    }));
    let fallen = done.unwrap().fallen;
    assert_eq!(fallen, [4, 5].map(|id| Name::Key(KeyId(id))));
    assert_eq!(
        last(&f)[1..],
        ["suspend key:00000004", "suspend key:00000005"]
    );
    // Somebody else stops a successor by itself: it stays so.
    f.change(&Change::Suspend(Suspension {
        target: Target::Key(KeyId(5)),
        reason: "autre".to_owned(),
        by: Some("eau".to_owned()),
    }))
    .unwrap();
    let suspended = |f: &Fixture| {
        let parts = f.parts();
        let of = |id: &u32| parts.suspended().contains(&Target::Key(KeyId(*id)));
        [2, 3, 4, 5].into_iter().filter(of).collect::<Vec<_>>()
    };
    assert_eq!(suspended(&f), [3, 4, 5]);
    let done = f.change(&Change::Resume(target())).unwrap();
    assert_eq!(done.fallen, [4, 5].map(|id| Name::Key(KeyId(id))));
    assert_eq!(suspended(&f), [5]);
    assert_eq!(f.parts().keys, before);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn the_end_of_an_old_key_is_its_own() {
    let f = line();
    let old = f.parts().keys[&KeyId(4)].clone();
    let ended = Key {
        until_us: Some(NOW),
        ..old
    };
    let done = f.change(&Change::Update(Record::Key(ended))).unwrap();
    assert_eq!(done.fallen, []);
    assert_eq!(f.parts().keys[&KeyId(5)].until_us, None);
}

#[test]
fn a_line_of_keys_ends() {
    let f = Fixture::new();
    f.create(Record::Organisation(organisation("eau")));
    f.create(Record::Key(key(2, "eau")));
    let raw = f.raw();
    for id in 2..1_001u32 {
        let next = Key {
            replaced_by: Some(KeyId(id + 1)),
            ..key(id, "eau")
        };
        let of = |key: Key| Entry::Record(Record::Key(key)).to_json().unwrap();
        raw.execute(
            "INSERT INTO keys (id, body) VALUES (?1, ?2)",
            [format!("{:08x}", id + 1), of(key(id + 1, "eau"))],
        )
        .unwrap();
        let sql = "UPDATE keys SET body = ?2 WHERE id = ?1";
        raw.execute(sql, [format!("{id:08x}"), of(next)]).unwrap();
    }
    let last = |last: u32| f.change(&rotate(last, 5_000));
    assert!(matches!(last(1_001), Err(StoreError::Refused(_))));
    let gone = f.change(&Change::Revoke(Name::Key(KeyId(2)))).unwrap();
    assert_eq!(gone.fallen.len(), 999);
}
