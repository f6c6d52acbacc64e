//! What changes do to the rows of the store.

use super::*;

#[test]
fn what_is_written_is_loaded() {
    let f = filled();
    let parts = f.parts();
    assert_eq!(parts.epoch, 11);
    assert_eq!(parts.organisations["eau"], organisation("eau"));
    assert_eq!(parts.members["alice"], member("alice", "eau"));
    assert_eq!(parts.profiles["clip"], profile("clip"));
    assert_eq!(parts.keys[&KeyId(2)], key(2, "eau"));
    assert_eq!(parts.grants, [grant("g-1", "organisation:eau", "clip")]);
    assert_eq!(parts.terms.len(), 1);
    assert_eq!(parts.acceptances.len(), 1);
    assert_eq!(
        parts.layer_states["region.parcelles"],
        LayerState::Published
    );
    assert_eq!(parts.embargoes["region.parcelles"], NOW + DAY);
    assert_eq!(parts.suspensions.len(), 1);
    assert_eq!(f.store.requests(None, Some("eau")).unwrap().len(), 1);
    assert_eq!(f.store.requests(None, Some("gaz")).unwrap(), []);
    assert_eq!(f.faults(), Vec::<String>::new());
    // The same after it was closed and opened again.
    let folder = f.folder;
    drop(f.store);
    let again = open(folder.path()).unwrap();
    assert_eq!(again.load().unwrap().parts, parts);
}

#[test]
fn an_id_is_taken_for_good() {
    let f = filled();
    let conflict = |record: Record| {
        let name = record.name();
        assert_eq!(
            f.change(&Change::Create(record)),
            Err(StoreError::Conflict(name))
        );
    };
    // In the configuration, in the store, in the store's past.
    conflict(Record::Organisation(organisation("region")));
    conflict(Record::Organisation(organisation("eau")));
    let before = f.parts();
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    conflict(Record::Grant(grant("g-1", "public", "tout")));
    let unknown = StoreError::Unknown(Name::Grant("g-1".to_owned()));
    let again = Change::Revoke(Name::Grant("g-1".to_owned()));
    assert_eq!(f.change(&again), Err(unknown.clone()));
    let update = Change::Update(Record::Grant(grant("g-1", "public", "tout")));
    assert_eq!(f.change(&update), Err(unknown));
    assert_eq!(f.parts().epoch, before.epoch + 1);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn entries_of_files_are_left_alone() {
    let f = Fixture::new();
    let region = Name::Organisation("region".to_owned());
    let mut other = organisation("region");
    other.title = "Autre".to_owned();
    for change in [
        Change::Update(Record::Organisation(other)),
        Change::Revoke(region.clone()),
    ] {
        assert_eq!(f.change(&change), Err(StoreError::InFile(region.clone())));
    }
    let state = Change::SetLayerState {
        layer: "region.routes".to_owned(),
        state: LayerState::Published,
    };
    let layer = Name::Layer("region.routes".to_owned());
    assert_eq!(f.change(&state), Err(StoreError::InFile(layer)));
    // Suspension is the store's: it concerns them all.
    let suspend = Change::Suspend(Suspension {
        target: Target::Key(KeyId(1)),
        reason: "perdue".to_owned(),
        by: None,
    });
    f.change(&suspend).unwrap();
    assert!(matches!(f.change(&suspend), Err(StoreError::Already(_))));
    f.change(&Change::Resume(Target::Key(KeyId(1)))).unwrap();
    assert!(f.parts().suspensions.is_empty());
}

#[test]
fn what_is_referred_to_must_be_there() {
    let f = Fixture::new();
    let missing = |record: Record, name: &str| {
        let name = name.parse().unwrap();
        assert_eq!(
            f.change(&Change::Create(record)),
            Err(StoreError::Unknown(name))
        );
    };
    missing(Record::Member(member("a", "eau")), "organisation:eau");
    missing(Record::Key(key(2, "eau")), "organisation:eau");
    missing(
        Record::Grant(grant("", "organisation:eau", "tout")),
        "organisation:eau",
    );
    missing(
        Record::Grant(grant("", "key:0000beef", "tout")),
        "key:0000beef",
    );
    missing(Record::Grant(grant("", "public", "clip")), "profile:clip");
    let mut elsewhere = grant("", "public", "tout");
    elsewhere.layers.insert("region.absent".to_owned());
    missing(Record::Grant(elsewhere), "layer:region.absent");
    let mut bound = grant("", "public", "tout");
    bound.terms = Some(terms("licence", 1).terms);
    missing(Record::Grant(bound), "terms:licence@1");
    let suspend = Change::Suspend(Suspension {
        target: Target::Member("nobody".to_owned()),
        reason: "?".to_owned(),
        by: None,
    });
    assert!(matches!(f.change(&suspend), Err(StoreError::Unknown(_))));
    assert_eq!(f.parts(), PolicyParts::default());
}

#[test]
fn organisations_are_not_above_themselves() {
    let f = Fixture::new();
    let under = |id: &str, parent: &str| Organisation {
        parent: Some(parent.to_owned()),
        ..organisation(id)
    };
    f.create(Record::Organisation(under("a", "region")));
    f.create(Record::Organisation(under("b", "a")));
    let turn = Change::Update(Record::Organisation(under("a", "b")));
    assert!(matches!(f.change(&turn), Err(StoreError::Refused(_))));
    let revoke = Change::Revoke(Name::Organisation("a".to_owned()));
    assert!(matches!(f.change(&revoke), Err(StoreError::InUse { .. })));
}

#[test]
fn what_cannot_be_without_it_falls_with_it() {
    let f = filled();
    f.create(Record::Organisation(organisation("gaz")));
    f.create(Record::Key(Key {
        member: Some("alice".to_owned()),
        ..key(3, "eau")
    }));
    f.create(Record::Grant(grant("g-2", "key:00000003", "tout")));
    f.create(Record::Grant(grant("g-3", "organisation:gaz", "tout")));
    let gone = f
        .change(&Change::Revoke(Name::Organisation("eau".to_owned())))
        .unwrap();
    let mut fallen: Vec<String> = gone.fallen.iter().map(Name::to_string).collect();
    fallen.sort();
    assert_eq!(fallen[0], "acceptance:eau:licence@3");
    assert_eq!(
        fallen[1..6],
        [
            "grant:g-1",
            "grant:g-2",
            "key:00000002",
            "key:00000003",
            "member:alice"
        ]
    );
    assert!(
        fallen[6].starts_with("request:r-") && fallen.len() == 7,
        "{fallen:?}"
    );
    let parts = f.parts();
    assert!(parts.keys.is_empty() && parts.members.is_empty() && parts.acceptances.is_empty());
    assert_eq!(parts.grants, [grant("g-3", "organisation:gaz", "tout")]);
    let requests = f.store.requests(None, None).unwrap();
    assert_eq!(requests[0].state, RequestState::Withdrawn);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn what_grants_stand_on_stays() {
    let f = filled();
    let revoke = Change::Revoke(Name::Profile("clip".to_owned()));
    let Err(StoreError::InUse { by, .. }) = f.change(&revoke) else {
        panic!("in use")
    };
    assert_eq!(by, [Name::Grant("g-1".to_owned())]);
    f.change(&Change::Revoke(Name::Grant("g-1".to_owned())))
        .unwrap();
    f.change(&revoke).unwrap();
}

#[test]
fn a_right_that_was_judged_on_another_policy_is_judged_again() {
    let f = Fixture::new();
    let epoch = f.store.epoch().unwrap();
    f.create(Record::Organisation(organisation("eau")));
    let late = Author {
        seen: Some(epoch),
        ..author("member:alice")
    };
    let change = Change::Create(Record::Organisation(organisation("gaz")));
    assert_eq!(
        f.store.change(late, &change),
        Err(StoreError::Stale { epoch: epoch + 1 })
    );
    let fresh = Author {
        seen: Some(epoch + 1),
        ..late
    };
    f.store.change(fresh, &change).unwrap();
}

#[test]
fn a_request_becomes_a_grant_that_ends() {
    let f = filled();
    let id = f.store.requests(None, None).unwrap()[0].id.clone();
    let approve = |grant: Grant| Change::Decide {
        request: id.clone(),
        decision: Decision::Approve(Box::new(grant)),
    };
    let mut answer = grant("", "organisation:eau", "tout");
    assert!(matches!(
        f.change(&approve(answer.clone())),
        Err(StoreError::Refused(_))
    ));
    answer.until_us = Some(NOW + 91 * DAY);
    assert!(matches!(
        f.change(&approve(answer.clone())),
        Err(StoreError::Refused(_))
    ));
    answer.until_us = Some(NOW + 90 * DAY);
    let mut wider = answer.clone();
    wider.layers.insert("region.routes".to_owned());
    assert!(matches!(
        f.change(&approve(wider)),
        Err(StoreError::Refused(_))
    ));
    let made = f.change(&approve(answer.clone())).unwrap().id.unwrap();
    assert!(
        f.parts()
            .grants
            .iter()
            .any(|g| g.id == made && g.until_us == answer.until_us)
    );
    let decided = &f
        .store
        .requests(Some(&["region.parcelles".to_owned()]), None)
        .unwrap()[0];
    assert_eq!(decided.state, RequestState::Approved);
    assert_eq!(decided.grant.as_deref(), Some(made.as_str()));
    assert_eq!(decided.decided_by.as_deref(), Some("operator"));
    assert!(matches!(
        f.change(&approve(answer)),
        Err(StoreError::Already(_))
    ));
}

#[test]
fn a_layer_is_asked_for_once_at_a_time() {
    let f = filled();
    let id = f.store.requests(None, None).unwrap()[0].id.clone();
    let ask = |organisation: &str| f.change(&Change::Request(request(organisation)));
    let asked = Err(StoreError::Refused(ChangeRefusal::AskedAlready(id.clone())));
    assert_eq!(ask("eau"), asked);
    f.create(Record::Organisation(organisation("gaz")));
    ask("gaz").unwrap();
    let decision = Decision::Withdraw;
    f.change(&Change::Decide {
        request: id,
        decision,
    })
    .unwrap();
    ask("eau").unwrap();
}

#[test]
fn a_preview_leaves_no_trace() {
    let f = filled();
    let (epoch, parts) = (f.store.epoch().unwrap(), f.parts());
    let change = Change::Create(Record::Grant(grant("", "public", "tout")));
    let (changed, stored) = f.store.preview(author("operator"), &change).unwrap();
    assert_eq!(stored.parts.grants.len(), parts.grants.len() + 1);
    assert_eq!((changed.epoch, stored.parts.epoch), (epoch + 1, epoch + 1));
    assert_eq!(f.store.epoch().unwrap(), epoch);
    assert_eq!(f.parts(), parts);
    assert_eq!(f.faults(), Vec::<String>::new());
}

#[test]
fn a_row_that_cannot_be_read_denies_and_stops_nothing() {
    let f = filled();
    let db = f.raw();
    let spoil = |table: &str, key: &str| {
        let sql = format!("UPDATE {table} SET body = json_remove(body, '$.{key}')");
        assert!(db.execute(&sql, []).unwrap() > 0);
    };
    spoil("profiles", "area");
    spoil("layers", "embargo_until");
    db.execute(
        "UPDATE suspensions SET body = json_set(body, '$.since', 1)",
        [],
    )
    .unwrap();
    let stored = f.store.load().unwrap();
    let broken: Vec<String> = stored.broken.iter().map(|b| b.name.to_string()).collect();
    assert_eq!(
        broken,
        [
            "profile:clip",
            "layer:region.parcelles",
            "suspension:key:00000002"
        ]
    );
    assert!(!stored.parts.profiles.contains_key("clip"));
    // What closed something goes on closing it.
    assert_eq!(
        stored.parts.layer_states["region.parcelles"],
        LayerState::Withdrawn
    );
    assert_eq!(stored.parts.suspensions.len(), 1);
    assert_eq!(f.faults().len(), 3);
}

/// Whatever is done in whatever order: rows, audit and what is loaded agree.
#[test]
fn random_changes_keep_rows_and_audit_together() {
    let f = Fixture::new();
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut next = |n: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % n
    };
    let mut done = 0;
    for _ in 0..600 {
        let o = ["eau", "gaz", "bois"][next(3) as usize];
        let p = ["tout", "clip", "mask"][next(3) as usize];
        let g = format!("g-{}", next(8));
        let k = next(6) as u32 + 2;
        let change = match next(14) {
            0 => Change::Create(Record::Organisation(organisation(o))),
            1 => Change::Create(Record::Profile(profile(p))),
            2 => Change::Create(Record::Key(key(k, o))),
            3 => Change::Create(Record::Grant(grant("", &format!("organisation:{o}"), p))),
            4 => Change::Create(Record::Grant(grant(&g, &format!("key:{k:08x}"), p))),
            5 => Change::Update(Record::Grant(grant(&g, "public", p))),
            6 => Change::Revoke(Name::Grant(g)),
            7 if next(4) == 0 => Change::Revoke(Name::Organisation(o.to_owned())),
            8 => Change::Revoke(Name::Key(KeyId(k))),
            9 => Change::Suspend(Suspension {
                target: Target::Organisation(o.to_owned()),
                reason: "essai".to_owned(),
                by: None,
            }),
            10 => Change::Resume(Target::Organisation(o.to_owned())),
            11 => Change::SetLayerState {
                layer: "region.parcelles".to_owned(),
                state: [LayerState::Draft, LayerState::Published][next(2) as usize],
            },
            12 => Change::RotateKey {
                old: KeyId(k),
                new: Box::new(key(k + 100 + next(50) as u32, o)),
                overlap_until_us: NOW + DAY,
            },
            _ => {
                let asked = f.store.requests(None, Some(o)).unwrap();
                let open = asked.iter().find(|r| r.state == RequestState::Open);
                match open {
                    Some(open) => Change::Decide {
                        request: open.id.clone(),
                        decision: Decision::Withdraw,
                    },
                    None => Change::Request(request(o)),
                }
            }
        };
        let before = f.parts();
        match f.change(&change) {
            Ok(changed) => {
                done += 1;
                assert_eq!(changed.epoch, before.epoch + 1);
            }
            Err(_) => assert_eq!(f.parts(), before),
        }
    }
    assert!(done > 100, "{done}");
    assert_eq!(f.faults(), Vec::<String>::new());
    let lines = f.store.audit(&AuditQuery::default()).unwrap();
    assert_eq!(lines.last().map(|l| l.epoch), Some(done));
}

#[test]
fn acceptances_name_who_accepted() {
    let f = filled();
    let query = AuditQuery {
        name: Some("acceptance:eau:licence@3".to_owned()),
        ..AuditQuery::default()
    };
    let lines = f.store.audit(&query).unwrap();
    let text = lines[0].after.as_deref().unwrap();
    let Ok(Entry::Acceptance(Acceptance { by, at_us, .. })) = Entry::from_json("acceptance", text)
    else {
        panic!("{text}")
    };
    assert_eq!((by.as_str(), at_us), ("operator", NOW));
}
