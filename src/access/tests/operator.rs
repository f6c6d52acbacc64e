//! Keys of the operator, and what whoever administrates may name and look at.

use super::*;

/// Keys: 1 of the operator, held by `aix`; 2 of the publisher of `aix`; 3 of its reader; 4 of `eau`'s publisher.
fn world() -> World {
    let mut w = World::new();
    for (key, organisation, role) in [
        (2, "aix", Role::Publisher),
        (3, "aix", Role::Reader),
        (4, "eau", Role::Publisher),
    ] {
        let member = format!("m{key}");
        w.member(&member, organisation, role);
        w.key(key, organisation, Some(&member));
    }
    w.key(1, "aix", None);
    w.parts.operators.insert(KeyId(1));
    w.profile("common", "TRUE", &["*"]);
    for organisation in ["aix", "eau"] {
        let terms = Terms {
            id: organisation.to_owned(),
            version: 1,
        };
        let text = TermsText {
            terms: terms.clone(),
            organisation: Some(organisation.to_owned()),
            title: "t".to_owned(),
            url: None,
            sha256: None,
        };
        w.parts.terms.insert(terms, text);
    }
    w
}

fn standing(w: &World, key: u32) -> Standing {
    let standing = w.policy().standing_of_key(KeyId(key), NOON);
    (*standing.unwrap()).clone()
}

fn may(w: &World, key: u32, change: &Change) -> Result<(), Denial> {
    let operation = Operation::Change {
        change,
        is_open: &|_| false,
    };
    w.policy().may(&standing(w, key), operation)
}

#[test]
fn a_key_is_the_operators_if_it_is_secret_and_whole() {
    let mut w = world();
    assert!(standing(&w, 1).operator && !standing(&w, 2).operator);
    let narrow = Scopes {
        max_zoom: Some(3),
        ..Scopes::default()
    };
    assert!(!standing(&w, 1).narrowed(&narrow).operator);
    assert!(standing(&w, 1).narrowed(&Scopes::default()).operator);
    let key = w.parts.keys.get_mut(&KeyId(1)).unwrap();
    key.kind = KeyKind::Browser;
    assert!(!standing(&w, 1).operator);
    let key = w.parts.keys.get_mut(&KeyId(1)).unwrap();
    key.kind = KeyKind::Secret;
    key.scopes = narrow;
    assert!(!standing(&w, 1).operator);
}

#[test]
fn nobody_locks_the_operator_out() {
    let mut w = world();
    w.member("boss", "bdr", Role::Admin);
    w.key(5, "bdr", Some("boss"));
    w.member("chief", "aix", Role::Admin);
    w.key(6, "aix", Some("chief"));
    let suspend = |target: &Target, by: &str| {
        Change::Suspend(Suspension {
            target: target.clone(),
            reason: "test".to_owned(),
            by: Some(by.to_owned()),
        })
    };
    let key = |id| Target::Key(KeyId(id));
    let organisation = |id: &str| Target::Organisation(id.to_owned());
    let member = |id: &str| Target::Member(id.to_owned());
    let forbidden = Err(Denial::Forbidden);
    assert_eq!(may(&w, 2, &suspend(&key(1), "aix")), forbidden);
    assert_eq!(may(&w, 4, &suspend(&key(1), "eau")), Err(Denial::Absent));
    assert_eq!(may(&w, 5, &suspend(&organisation("aix"), "bdr")), forbidden);
    assert_eq!(may(&w, 1, &suspend(&key(1), "aix")), forbidden);
    assert_eq!(may(&w, 1, &suspend(&organisation("aix"), "aix")), forbidden);
    let gone = Change::Revoke(Name::Organisation("aix".to_owned()));
    assert_eq!(may(&w, 1, &gone), forbidden);
    // What holds none is suspended as ever.
    assert_eq!(may(&w, 1, &suspend(&organisation("eau"), "aix")), Ok(()));
    assert_eq!(may(&w, 6, &suspend(&member("m3"), "aix")), Ok(()));
    // Nor by the member whose it is, or by a key in the place of which it is.
    w.parts.keys.get_mut(&KeyId(1)).unwrap().member = Some("m2".to_owned());
    w.parts.keys.get_mut(&KeyId(3)).unwrap().replaced_by = Some(KeyId(1));
    let ended = Change::Update(Record::Member(Member {
        until_us: Some(NOON - 1),
        ..w.parts.members["m2"].clone()
    }));
    for who in [5, 6] {
        let by = ["bdr", "aix"][usize::from(who == 6)];
        assert_eq!(may(&w, who, &suspend(&member("m2"), by)), forbidden);
        assert_eq!(may(&w, who, &suspend(&key(3), by)), forbidden);
        let gone = Change::Revoke(Name::Member("m2".to_owned()));
        assert_eq!(may(&w, who, &gone), forbidden);
        assert_eq!(may(&w, who, &ended), forbidden);
    }
    assert_eq!(may(&w, 1, &suspend(&member("m2"), "aix")), forbidden);
    assert_eq!(may(&w, 1, &ended), Ok(()));
}

#[test]
fn a_grant_demands_terms_that_are_there_for_the_owner() {
    let w = world();
    let on = |terms: &str| {
        Change::Create(Record::Grant(Grant {
            id: "new".to_owned(),
            subject: Subject::Public,
            layers: [PARCELS.to_owned()].into(),
            profile: "common".to_owned(),
            actions: [Action::Tiles].into(),
            from_us: None,
            until_us: None,
            terms: Some(Terms {
                id: terms.to_owned(),
                version: 1,
            }),
        }))
    };
    assert_eq!(may(&w, 2, &on("aix")), Ok(()));
    // Those of others, like those of nobody.
    assert_eq!(may(&w, 2, &on("eau")), Err(Denial::Absent));
    assert_eq!(may(&w, 2, &on("nulle")), Err(Denial::Absent));
}

#[test]
fn a_member_looks_at_their_own_keys() {
    let w = world();
    let policy = w.policy();
    let look = |who: u32, key: u32| {
        let key = &policy.keys[&KeyId(key)];
        policy.may(&standing(&w, who), Operation::LookAtKey { key })
    };
    assert_eq!(look(3, 3), Ok(()));
    assert_eq!(look(3, 2), Err(Denial::Forbidden));
    assert_eq!((look(2, 3), look(2, 1)), (Ok(()), Ok(())));
    assert_eq!(look(4, 3), Err(Denial::Absent));
}

#[test]
fn ids_of_people_begin_with_their_organisation() {
    for good in ["part", "aix.part", "a-b.c_d"] {
        assert!(is_name(good), "{good}");
    }
    for bad in ["", ".", "aix.", ".part", "aix.part.b", "Aix.part"] {
        assert!(!is_name(bad), "{bad}");
    }
    for text in ["member:aix.m", "profile:aix.p", "terms:aix.t@2"] {
        assert_eq!(text.parse::<Name>().unwrap().to_string(), text);
    }
    for text in ["organisation:a.b", "grant:a.b", "request:a.b"] {
        assert!(text.parse::<Name>().is_err(), "{text}");
    }
}
