//! Who may change what.

use super::*;

/// A department `bdr` that hosts `aix`, a firm `eau`, and in each somebody of each role. Keys: 1 of `aix` itself, 2 of `eau`, 3 of the
/// publisher of `aix`.
fn world() -> World {
    let mut w = World::new();
    for organisation in ["bdr", "aix", "eau"] {
        for (role, name) in ROLES {
            w.member(&format!("{organisation}-{name}"), organisation, role);
        }
    }
    w.key(1, "aix", None);
    w.key(2, "eau", None);
    w.key(3, "aix", Some("aix-publisher"));
    w.profile("common", "TRUE", &["*"]);
    w.profile("aix", "TRUE", &["*"]).organisation = Some("aix".to_owned());
    w.profile("bdr", "TRUE", &["*"]).organisation = Some("bdr".to_owned());
    w.profile("eau", "TRUE", &["*"]).organisation = Some("eau".to_owned());
    w.grant(Subject::Organisation("eau".to_owned()), "aix");
    w
}

const ROLES: [(Role, &str); 4] = [
    (Role::Reader, "reader"),
    (Role::Editor, "editor"),
    (Role::Publisher, "publisher"),
    (Role::Admin, "admin"),
];

fn standing(w: &World, member: &str) -> Standing {
    let policy = w.policy();
    let standing = policy.standing_of_identity("issuer", member, None, &BTreeSet::new(), NOON);
    (*standing.unwrap()).clone()
}

fn change(w: &World, standing: &Standing, change: &Change) -> Result<(), Denial> {
    let operation = Operation::Change {
        change,
        is_open: &|layer| layer == "eau.open",
    };
    w.policy().may(standing, operation)
}

/// Who among `bdr`, `aix` and `eau` may, from the least role on; the others of the same organisation are told so.
fn may(w: &World, what: &Change, least: [Option<Role>; 3]) {
    for (organisation, least) in ["bdr", "aix", "eau"].into_iter().zip(least) {
        for (role, name) in ROLES {
            let caller = standing(w, &format!("{organisation}-{name}"));
            let expected = match least {
                None => Err(Denial::Absent),
                Some(least) if role >= least => Ok(()),
                Some(_) => Err(Denial::Forbidden),
            };
            assert_eq!(
                change(w, &caller, what),
                expected,
                "{organisation} {name}: {what:?}"
            );
        }
    }
    assert_eq!(change(w, &Standing::operator(), what), Ok(()));
}

const HOST_AND_OWNER: [Option<Role>; 3] = [Some(Role::Publisher), Some(Role::Publisher), None];
const ADMINS: [Option<Role>; 3] = [Some(Role::Admin), Some(Role::Admin), None];

fn grant(layers: &[&str], profile: &str) -> Grant {
    Grant {
        id: "new".to_owned(),
        subject: Subject::Public,
        layers: layers.iter().map(|l| (*l).to_owned()).collect(),
        profile: profile.to_owned(),
        actions: [Action::Tiles].into(),
        from_us: None,
        until_us: None,
        terms: None,
    }
}

fn create(record: Record) -> Change {
    Change::Create(record)
}

#[test]
fn publishers_grant_on_their_layers_and_those_they_host() {
    let w = world();
    let on = |layers: &[&str], profile| create(Record::Grant(grant(layers, profile)));
    may(&w, &on(&[PARCELS], "aix"), HOST_AND_OWNER);
    may(&w, &on(&[PARCELS], "bdr"), HOST_AND_OWNER);
    may(&w, &on(&[PARCELS], "common"), HOST_AND_OWNER);
    may(
        &w,
        &on(&["bdr.roads"], "bdr"),
        [Some(Role::Publisher), None, None],
    );
    may(
        &w,
        &on(&["eau.pipes"], "eau"),
        [None, None, Some(Role::Publisher)],
    );
    // One layer of somebody else, a layer of nobody, none at all.
    may(&w, &on(&[PARCELS, "eau.pipes"], "common"), [None; 3]);
    may(&w, &on(&["plain"], "common"), [None; 3]);
    may(&w, &on(&[], "common"), [None; 3]);
    may(
        &w,
        &Change::Revoke(Name::Grant("g0".to_owned())),
        HOST_AND_OWNER,
    );
    let publisher = standing(&w, "aix-publisher");
    for profile in ["eau", "gone"] {
        let refused = change(&w, &publisher, &on(&[PARCELS], profile));
        assert_eq!(refused, Err(Denial::Absent), "{profile}");
    }
    // A profile of the guest on the host's own layer.
    let host = standing(&w, "bdr-publisher");
    assert_eq!(
        change(&w, &host, &on(&["bdr.roads"], "aix")),
        Err(Denial::Absent)
    );
}

#[test]
fn a_grant_cannot_be_moved_to_or_from_the_layers_of_others() {
    let mut w = world();
    w.parts.grants.push(Grant {
        id: "theirs".to_owned(),
        ..grant(&["eau.pipes"], "common")
    });
    let moved = |id: &str, layers: &[&str]| {
        Change::Update(Record::Grant(Grant {
            id: id.to_owned(),
            ..grant(layers, "common")
        }))
    };
    let publisher = standing(&w, "aix-publisher");
    assert_eq!(change(&w, &publisher, &moved("g0", &[PARCELS])), Ok(()));
    assert_eq!(
        change(&w, &publisher, &moved("g0", &["eau.pipes"])),
        Err(Denial::Absent)
    );
    assert_eq!(
        change(&w, &publisher, &moved("theirs", &[PARCELS])),
        Err(Denial::Absent)
    );
    assert_eq!(
        change(&w, &publisher, &moved("gone", &[PARCELS])),
        Err(Denial::Absent)
    );
}

#[test]
fn profiles_are_their_organisations() {
    let w = world();
    let profile = |organisation: Option<&str>| {
        let mut profile = w.parts.profiles["common"].clone();
        profile.id = "new".to_owned();
        profile.organisation = organisation.map(str::to_owned);
        profile
    };
    may(
        &w,
        &create(Record::Profile(profile(Some("aix")))),
        HOST_AND_OWNER,
    );
    may(
        &w,
        &Change::Revoke(Name::Profile("aix".to_owned())),
        HOST_AND_OWNER,
    );
    let admin = standing(&w, "aix-admin");
    let operators = create(Record::Profile(profile(None)));
    assert_eq!(change(&w, &admin, &operators), Err(Denial::Forbidden));
    let revoke = Change::Revoke(Name::Profile("common".to_owned()));
    assert_eq!(change(&w, &admin, &revoke), Err(Denial::Forbidden));
    // Areas of one's own layers, of open ones, and of others'.
    let drawn = |layer: &str| {
        let mut profile = profile(Some("aix"));
        let source = AreaSource::Layer {
            layer: layer.to_owned(),
            filter: "TRUE".to_owned(),
        };
        profile.area = Some((ProfileArea::Given(source), AreaMode::Clip));
        change(&w, &admin, &create(Record::Profile(profile)))
    };
    assert_eq!(drawn("aix.zones"), Ok(()));
    assert_eq!(drawn("eau.open"), Ok(()));
    assert_eq!(drawn("eau.secret"), Err(Denial::Absent));
    assert_eq!(drawn("bdr.roads"), Err(Denial::Absent));
}

#[test]
fn admins_make_members_but_choose_no_groups() {
    let w = world();
    let member = |organisation: &str, groups: &[&str]| Member {
        id: "new".to_owned(),
        organisation: organisation.to_owned(),
        role: Role::Admin,
        groups: groups.iter().map(|g| (*g).to_owned()).collect(),
        identity: None,
        until_us: None,
    };
    may(&w, &create(Record::Member(member("aix", &[]))), ADMINS);
    may(
        &w,
        &Change::Revoke(Name::Member("aix-reader".to_owned())),
        ADMINS,
    );
    let admin = standing(&w, "aix-admin");
    let grouped = create(Record::Member(member("aix", &["partners"])));
    assert_eq!(change(&w, &admin, &grouped), Err(Denial::Forbidden));
    assert_eq!(change(&w, &Standing::operator(), &grouped), Ok(()));
    // Nobody is taken from another organisation.
    let taken = Member {
        id: "eau-reader".to_owned(),
        ..member("aix", &[])
    };
    assert_eq!(
        change(&w, &admin, &Change::Update(Record::Member(taken))),
        Err(Denial::Absent)
    );
}

#[test]
fn identities_are_bound_where_tokens_confirm_the_organisation() {
    let mut w = world();
    let member = |id: &str, organisation: &str, subject: Option<&str>| Member {
        id: id.to_owned(),
        organisation: organisation.to_owned(),
        role: Role::Admin,
        groups: BTreeSet::new(),
        identity: subject.map(|s| ("issuer".to_owned(), s.to_owned())),
        until_us: None,
    };
    let stolen = create(Record::Member(member("new", "aix", Some("eau-admin"))));
    let update = |m: Member| Change::Update(Record::Member(m));
    let admin = standing(&w, "aix-admin");
    let host = standing(&w, "bdr-admin");
    assert_eq!(change(&w, &admin, &stolen), Err(Denial::Forbidden));
    assert_eq!(change(&w, &host, &stolen), Err(Denial::Forbidden));
    assert_eq!(change(&w, &Standing::operator(), &stolen), Ok(()));
    let same = update(member("aix-reader", "aix", Some("aix-reader")));
    assert_eq!(change(&w, &admin, &same), Ok(()));
    let less = update(member("aix-reader", "aix", None));
    assert_eq!(change(&w, &admin, &less), Ok(()));
    let other = update(member("aix-reader", "aix", Some("eau-admin")));
    assert_eq!(change(&w, &admin, &other), Err(Denial::Forbidden));
    // With a number the token has to carry it; it cannot be taken to where none is needed.
    w.parts.organisations.get_mut("aix").unwrap().siret = Some("1".to_owned());
    assert_eq!(change(&w, &host, &stolen), Ok(()));
    let moved = update(member("aix-reader", "bdr", Some("aix-reader")));
    assert_eq!(change(&w, &host, &moved), Err(Denial::Forbidden));
}

#[test]
fn keys_of_members_carry_their_roles() {
    let w = world();
    let key = |organisation: &str, member: Option<&str>| {
        let mut other = World::new();
        create(Record::Key(other.key(9, organisation, member).clone()))
    };
    may(&w, &key("aix", None), HOST_AND_OWNER);
    may(&w, &Change::Revoke(Name::Key(KeyId(1))), HOST_AND_OWNER);
    let publisher = standing(&w, "aix-publisher");
    let own = key("aix", Some("aix-publisher"));
    let anothers = key("aix", Some("aix-admin"));
    assert_eq!(change(&w, &publisher, &own), Ok(()));
    assert_eq!(
        change(&w, &publisher, &anothers),
        Err(Denial::Forbidden),
        "a role for itself"
    );
    assert_eq!(change(&w, &standing(&w, "aix-admin"), &anothers), Ok(()));
    let reader = standing(&w, "aix-reader");
    assert_eq!(change(&w, &reader, &key("aix", Some("aix-reader"))), Ok(()));
    // A member of another organisation than the key.
    assert_eq!(
        change(&w, &publisher, &key("aix", Some("eau-admin"))),
        Err(Denial::Absent)
    );
    let mut scoped = w.parts.keys[&KeyId(1)].clone();
    scoped.id = KeyId(9);
    scoped.scopes.profile = Some("eau".to_owned());
    let scoped = create(Record::Key(scoped));
    assert_eq!(
        change(&w, &publisher, &scoped),
        Err(Denial::Absent),
        "another's profile"
    );
}

#[test]
fn narrow_credentials_and_keys_without_a_member_change_nothing() {
    let w = world();
    let what = create(Record::Grant(grant(&[PARCELS], "aix")));
    let theirs = create(Record::Grant(grant(&["eau.pipes"], "eau")));
    let admin = standing(&w, "aix-admin");
    let narrow = admin.narrowed(&Scopes {
        layers: Some([PARCELS.to_owned()].into()),
        ..Scopes::default()
    });
    assert_eq!(change(&w, &narrow, &what), Err(Denial::Forbidden));
    assert_eq!(change(&w, &narrow, &theirs), Err(Denial::Absent));
    let key = w.policy().standing_of_key(KeyId(1), NOON).unwrap();
    assert_eq!(change(&w, &key, &what), Err(Denial::Forbidden));
    assert_eq!(change(&w, &key, &theirs), Err(Denial::Absent));
    let by_key = w.policy().standing_of_key(KeyId(3), NOON).unwrap();
    assert_eq!(
        change(&w, &by_key, &what),
        Ok(()),
        "a member's key acts like the member"
    );
}

#[test]
fn a_key_renews_itself_with_no_more_than_it_has() {
    let mut w = world();
    w.key(4, "aix", None).until_us = Some(NOON + 10);
    let old = w.parts.keys[&KeyId(4)].clone();
    let rotate = |change: fn(&mut Key)| {
        let mut new = old.clone();
        new.id = KeyId(40);
        change(&mut new);
        Change::RotateKey {
            old: KeyId(4),
            new: Box::new(new),
            overlap_until_us: NOON + 5,
        }
    };
    let key = w.policy().standing_of_key(KeyId(4), NOON).unwrap();
    assert_eq!(change(&w, &key, &rotate(|_| {})), Ok(()));
    let widenings: [fn(&mut Key); 6] = [
        |k| k.until_us = None,
        |k| k.until_us = Some(NOON + 11),
        |k| k.member = Some("aix-admin".to_owned()),
        |k| k.organisation = "eau".to_owned(),
        |k| k.scopes.max_zoom = Some(3),
        |k| k.networks = vec!["::/0".to_owned()],
    ];
    for (i, widening) in widenings.into_iter().enumerate() {
        assert_eq!(
            change(&w, &key, &rotate(widening)),
            Err(Denial::Forbidden),
            "{i}"
        );
    }
    let narrowed = key.narrowed(&Scopes {
        max_zoom: Some(3),
        ..Scopes::default()
    });
    assert_eq!(
        change(&w, &narrowed, &rotate(|_| {})),
        Err(Denial::Forbidden)
    );
    may(&w, &rotate(|_| {}), HOST_AND_OWNER);
    // In a web page everybody has it.
    w.parts.keys.get_mut(&KeyId(4)).unwrap().kind = KeyKind::Browser;
    let browser = w.policy().standing_of_key(KeyId(4), NOON).unwrap();
    let same = Change::RotateKey {
        old: KeyId(4),
        new: Box::new(w.parts.keys[&KeyId(4)].clone()),
        overlap_until_us: NOON + 5,
    };
    assert_eq!(change(&w, &browser, &same), Err(Denial::Forbidden));
}

#[test]
fn what_reaches_others_is_the_operators() {
    let w = world();
    let admin = standing(&w, "aix-admin");
    let update = |spoil: fn(&mut Organisation)| {
        let mut organisation = w.parts.organisations["aix"].clone();
        spoil(&mut organisation);
        change(
            &w,
            &admin,
            &Change::Update(Record::Organisation(organisation)),
        )
    };
    assert_eq!(update(|o| o.title = "Aix".to_owned()), Ok(()));
    assert_eq!(update(|o| o.jurisdiction = None), Err(Denial::Forbidden));
    assert_eq!(
        update(|o| o.siret = Some("1".to_owned())),
        Err(Denial::Forbidden)
    );
    assert_eq!(update(|o| o.parent = None), Err(Denial::Forbidden));
    let revoke = |id: &str| {
        change(
            &w,
            &admin,
            &Change::Revoke(Name::Organisation(id.to_owned())),
        )
    };
    assert_eq!(revoke("aix"), Err(Denial::Forbidden));
    assert_eq!(revoke("eau"), Err(Denial::Absent));
    let new = Organisation {
        id: "new".to_owned(),
        parent: Some("aix".to_owned()),
        ..w.parts.organisations["eau"].clone()
    };
    assert_eq!(
        change(&w, &admin, &create(Record::Organisation(new))),
        Err(Denial::Absent)
    );
}

#[test]
fn who_suspends_releases() {
    let mut w = world();
    let suspend = |target: Target, by: Option<&str>| {
        Change::Suspend(Suspension {
            target,
            reason: "x".to_owned(),
            by: by.map(str::to_owned),
        })
    };
    let layer = || Target::Layer(PARCELS.to_owned());
    let publisher = standing(&w, "aix-publisher");
    let host = standing(&w, "bdr-admin");
    assert_eq!(
        change(&w, &publisher, &suspend(layer(), Some("aix"))),
        Ok(())
    );
    assert_eq!(
        change(&w, &publisher, &suspend(layer(), None)),
        Err(Denial::Forbidden)
    );
    assert_eq!(
        change(&w, &publisher, &suspend(layer(), Some("bdr"))),
        Err(Denial::Forbidden)
    );
    assert_eq!(change(&w, &host, &suspend(layer(), Some("bdr"))), Ok(()));
    let whole = || Target::Organisation("aix".to_owned());
    assert_eq!(change(&w, &host, &suspend(whole(), Some("bdr"))), Ok(()));
    let admin = standing(&w, "aix-admin");
    assert_eq!(
        change(&w, &admin, &suspend(whole(), Some("aix"))),
        Err(Denial::Forbidden)
    );
    let stranger = standing(&w, "eau-admin");
    for target in [
        layer(),
        whole(),
        Target::Key(KeyId(1)),
        Target::Member("aix-reader".to_owned()),
    ] {
        let what = suspend(target, Some("eau"));
        assert_eq!(change(&w, &stranger, &what), Err(Denial::Absent));
    }
    for (by, released) in [
        (Some("aix"), [Ok(()), Ok(())]),
        (Some("bdr"), [Err(Denial::Forbidden), Ok(())]),
        (None, [Err(Denial::Forbidden), Err(Denial::Forbidden)]),
    ] {
        w.suspend(layer());
        w.parts.suspensions.last_mut().unwrap().by = by.map(str::to_owned);
        let resume = Change::Resume(layer());
        assert_eq!(
            [&publisher, &host].map(|s| change(&w, s, &resume)),
            released,
            "{by:?}"
        );
        assert_eq!(change(&w, &Standing::operator(), &resume), Ok(()));
        w.parts.suspensions.clear();
    }
}

#[test]
fn layers_and_requests_are_their_publishers() {
    let w = world();
    let state = Change::SetLayerState {
        layer: PARCELS.to_owned(),
        state: LayerState::Withdrawn,
    };
    may(&w, &state, HOST_AND_OWNER);
    let request = AccessRequest {
        id: "r".to_owned(),
        organisation: "eau".to_owned(),
        layer: PARCELS.to_owned(),
        purpose: "pipes".to_owned(),
        area: None,
        until_us: NOON,
        asked_us: NOON,
        state: RequestState::Open,
        decided_by: None,
        reason: None,
        grant: None,
    };
    let key = w.policy().standing_of_key(KeyId(2), NOON).unwrap();
    let ask = Change::Request(request.clone());
    assert_eq!(change(&w, &key, &ask), Ok(()));
    assert_eq!(
        change(&w, &standing(&w, "aix-admin"), &ask),
        Err(Denial::Absent)
    );
    let decide = |who: &Standing, decision: &Decision| {
        let request = &request;
        w.policy().may(who, Operation::Decide { request, decision })
    };
    let refuse = Decision::Refuse {
        reason: "no".to_owned(),
    };
    let approve = |layers: &[&str]| Decision::Approve(Box::new(grant(layers, "aix")));
    let publisher = standing(&w, "aix-publisher");
    assert_eq!(decide(&publisher, &refuse), Ok(()));
    assert_eq!(decide(&publisher, &approve(&[PARCELS])), Ok(()));
    assert_eq!(
        decide(&publisher, &approve(&["eau.pipes"])),
        Err(Denial::Absent)
    );
    assert_eq!(
        decide(&standing(&w, "aix-editor"), &refuse),
        Err(Denial::Forbidden)
    );
    assert_eq!(
        decide(&key, &refuse),
        Err(Denial::Absent),
        "not by who asks"
    );
    assert_eq!(decide(&key, &Decision::Withdraw), Ok(()));
}

#[test]
fn what_organisations_keep_to_themselves() {
    let w = world();
    let look = |member: &str, organisation| {
        let who = standing(&w, member);
        let things = w.policy().may(&who, Operation::Look { organisation });
        let layer = format!("{organisation}.x");
        let readers = w
            .policy()
            .may(&who, Operation::LookAtLayer { layer: &layer });
        assert_eq!(things, readers);
        things
    };
    assert_eq!(look("aix-publisher", "aix"), Ok(()));
    assert_eq!(look("bdr-publisher", "aix"), Ok(()));
    assert_eq!(look("aix-editor", "aix"), Err(Denial::Forbidden));
    assert_eq!(look("aix-admin", "bdr"), Err(Denial::Absent));
    assert_eq!(look("eau-admin", "aix"), Err(Denial::Absent));
    assert_eq!(look("eau-admin", "gone"), Err(Denial::Absent));
}

#[test]
fn terms_are_accepted_by_who_speaks_for_an_organisation() {
    let mut w = world();
    w.key(5, "eau", None).kind = KeyKind::Browser;
    let accept = Change::AcceptTerms {
        organisation: "eau".to_owned(),
        terms: Terms {
            id: "t".to_owned(),
            version: 1,
        },
    };
    let by_key = |id| {
        change(
            &w,
            &w.policy().standing_of_key(KeyId(id), NOON).unwrap(),
            &accept,
        )
    };
    assert_eq!(by_key(2), Ok(()));
    assert_eq!(by_key(5), Err(Denial::Forbidden), "whoever opens the page");
    assert_eq!(by_key(1), Err(Denial::Absent));
    assert_eq!(change(&w, &standing(&w, "eau-publisher"), &accept), Ok(()));
    assert_eq!(
        change(&w, &standing(&w, "eau-reader"), &accept),
        Err(Denial::Forbidden)
    );
}

/// What a key of a member is limited to.
fn limited(key: &mut Key) {
    key.from_us = Some(NOON - 10);
    key.until_us = Some(NOON + 10);
    key.networks = vec!["192.0.2.0/24".to_owned()];
    key.origins = ["https://carte.example.org".to_owned()].into();
}

/// Ways to widen a key with those limits.
const WIDENINGS: [fn(&mut Key); 8] = [
    |k| k.until_us = None,
    |k| k.until_us = Some(NOON + 11),
    |k| k.networks = Vec::new(),
    |k| k.networks = vec!["192.0.0.0/16".to_owned()],
    |k| k.networks.push("198.51.100.0/24".to_owned()),
    |k| k.origins.clear(),
    |k| {
        k.origins.insert("https://autre.example.org".to_owned());
    },
    |k| {
        k.origins = ["https://autre.example.org".to_owned()].into();
    },
];

const NARROWINGS: [fn(&mut Key); 5] = [
    |k| k.until_us = Some(NOON + 9),
    |k| k.networks = vec!["192.0.2.7/32".to_owned()],
    |k| k.from_us = Some(NOON + 1),
    |k| k.scopes.max_zoom = Some(3),
    |k| k.label = "other".to_owned(),
];

#[test]
fn a_key_makes_its_member_no_wider_key() {
    for role in ["reader", "publisher", "admin"] {
        let mut w = world();
        let member = format!("aix-{role}");
        // 4 is limited, 5 is not, 6 is limited in another way; all of one member. 7 is another's.
        limited(w.key(4, "aix", Some(&member)));
        w.key(5, "aix", Some(&member));
        let lasting = w.key(6, "aix", Some(&member));
        lasting.networks = vec!["198.51.100.0/24".to_owned()];
        w.key(7, "aix", Some("aix-editor"));
        let by =
            |w: &World, id: u32| (*w.policy().standing_of_key(KeyId(id), NOON).unwrap()).clone();
        let of = |w: &World, id: u32, spoil: fn(&mut Key)| {
            let mut key = w.parts.keys[&KeyId(id)].clone();
            spoil(&mut key);
            key
        };
        let new = |key: Key| {
            create(Record::Key(Key {
                id: KeyId(9),
                ..key
            }))
        };
        let update = |key: Key| Change::Update(Record::Key(key));
        let rotate = |old: u32, key: Key| Change::RotateKey {
            old: KeyId(old),
            new: Box::new(Key {
                id: KeyId(9),
                ..key
            }),
            overlap_until_us: NOON + 5,
        };
        for (i, widen) in WIDENINGS.into_iter().enumerate() {
            let wider = || of(&w, 4, widen);
            for (what, change_) in [
                ("update", update(wider())),
                ("create", new(wider())),
                ("rotate", rotate(4, wider())),
            ] {
                let asked = |who: &Standing| change(&w, who, &change_);
                let forbidden = Err(Denial::Forbidden);
                assert_eq!(asked(&by(&w, 4)), forbidden, "{role} {what} {i}: itself");
                assert_eq!(asked(&by(&w, 6)), forbidden, "{role} {what} {i}: narrower");
                assert_eq!(asked(&by(&w, 5)), Ok(()), "{role} {what} {i}: wide");
                // Whoever shows no key but a token.
                assert_eq!(asked(&standing(&w, &member)), Ok(()), "{role} {what} {i}");
                assert_eq!(
                    asked(&standing(&w, "aix-admin")),
                    Ok(()),
                    "{role} {what} {i}"
                );
            }
        }
        for narrow in NARROWINGS {
            let changed = update(of(&w, 4, narrow));
            for who in [4, 5, 6] {
                assert_eq!(change(&w, &by(&w, who), &changed), Ok(()), "{role} {who}");
            }
            assert_eq!(change(&w, &by(&w, 4), &new(of(&w, 4, narrow))), Ok(()));
        }
        // The text of a new key is handed out: it is no wider than the one that is shown, whatever the old one was.
        for (old, who, expected) in [
            (5, 4, Err(Denial::Forbidden)),
            (5, 6, Err(Denial::Forbidden)),
            (4, 6, Err(Denial::Forbidden)),
            (4, 5, Ok(())),
            (6, 5, Ok(())),
        ] {
            let renewed = rotate(old, of(&w, old, |_| {}));
            assert_eq!(change(&w, &by(&w, who), &renewed), expected, "{old} {who}");
        }
        let narrowed = rotate(5, of(&w, 4, |_| {}));
        assert_eq!(change(&w, &by(&w, 4), &narrowed), Ok(()), "{role}");
        // It begins no earlier than it did, unless whoever shows a key may use that one now.
        let earlier = update(of(&w, 4, |k| k.from_us = None));
        assert_eq!(change(&w, &by(&w, 4), &earlier), Ok(()), "it holds already");
        let scoped = |w: &mut World| w.key(4, "aix", None).scopes.max_zoom = Some(3);
        scoped(&mut w);
        let wider = update(of(&w, 4, |k| k.scopes.max_zoom = None));
        assert_eq!(change(&w, &by(&w, 4), &wider), Err(Denial::Forbidden));
        assert_eq!(change(&w, &by(&w, 6), &wider), Err(Denial::Forbidden));
        // Keys of the organisation open what is granted to it, and no role.
        if role != "reader" {
            let plain = Key {
                member: None,
                ..of(&w, 5, |_| {})
            };
            assert_eq!(change(&w, &by(&w, 6), &new(plain)), Ok(()));
        }
    }
}
