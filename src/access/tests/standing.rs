//! From credentials to callers.

use super::*;

#[test]
fn keys_say_who_asks_or_are_refused() {
    let mut w = World::new();
    w.member("ada", "aix", Role::Editor);
    w.key(1, "aix", Some("ada"));
    w.key(2, "aix", None).revoked = true;
    w.key(3, "aix", None).from_us = Some(NOON + 1);
    w.key(4, "aix", None).until_us = Some(NOON);
    w.key(5, "gone", None);
    w.key(6, "aix", Some("gone"));
    w.key(7, "eau", Some("ada"));
    w.key(8, "aix", None);
    w.suspend(Target::Key(KeyId(8)));
    let policy = w.policy();
    let standing = |id| policy.standing_of_key(KeyId(id), NOON);
    let ada = standing(1).unwrap();
    assert_eq!(ada.name, "key:00000001");
    assert_eq!(
        (ada.role, ada.member.as_deref()),
        (Some(Role::Editor), Some("ada"))
    );
    assert_eq!(ada.organisation.as_deref(), Some("aix"));
    let refusals = [
        (2, Refusal::Revoked),
        (3, Refusal::NotYet),
        (4, Refusal::Expired),
        (5, Refusal::Faulty),
        (6, Refusal::Faulty),
        (7, Refusal::Faulty),
        (8, Refusal::Suspended),
        (9, Refusal::Unknown),
    ];
    for (id, refusal) in refusals {
        assert_eq!(standing(id), Err(refusal), "key {id}");
    }
    let listed: Vec<&Part> = policy.inert().iter().map(|i| &i.what).collect();
    let keys = [5, 6, 7].map(|id| Part::Key(KeyId(id)));
    assert_eq!(listed, keys.iter().collect::<Vec<_>>());
    assert!(policy.standing_of_key(KeyId(3), NOON + 1).is_ok());
    assert!(policy.standing_of_key(KeyId(4), NOON - 1).is_ok());
}

#[test]
fn a_key_ends_with_its_membership() {
    let mut w = World::new();
    w.member("ada", "aix", Role::Editor);
    w.parts.members.get_mut("ada").unwrap().until_us = Some(NOON);
    w.key(1, "aix", Some("ada")).until_us = Some(NOON + 5);
    let policy = w.policy();
    assert!(policy.standing_of_key(KeyId(1), NOON - 1).is_ok());
    assert_eq!(
        policy.standing_of_key(KeyId(1), NOON),
        Err(Refusal::Expired)
    );
    assert_eq!(policy.next_boundary_us(0), Some(NOON));
}

#[test]
fn suspension_of_a_member_or_an_organisation_refuses_their_keys() {
    for target in [
        Target::Member("ada".to_owned()),
        Target::Organisation("aix".to_owned()),
    ] {
        let mut w = World::new();
        w.member("ada", "aix", Role::Editor);
        w.key(1, "aix", Some("ada"));
        w.suspend(target);
        let policy = w.policy();
        assert_eq!(
            policy.standing_of_key(KeyId(1), NOON),
            Err(Refusal::Suspended)
        );
        let by_token = policy.standing_of_identity("issuer", "ada", None, &BTreeSet::new(), NOON);
        assert_eq!(by_token, Err(Refusal::Suspended));
    }
}

#[test]
fn a_key_in_a_web_page_stands_for_no_person() {
    let mut w = World::new();
    w.member("ada", "aix", Role::Admin);
    w.parts.members.get_mut("ada").unwrap().groups = ["partners".to_owned()].into();
    w.key(1, "aix", Some("ada")).kind = KeyKind::Browser;
    let standing = w.policy().standing_of_key(KeyId(1), NOON).unwrap();
    assert_eq!((standing.role, standing.member.as_deref()), (None, None));
    assert!(
        !standing
            .subjects
            .contains(&Subject::Group("partners".to_owned()))
    );
    assert!(w.by_key(1).is_nothing());
}

#[test]
fn tokens_name_members_or_organisations() {
    let mut w = World::new();
    w.member("ada", "aix", Role::Publisher);
    let siret = |w: &mut World, id: &str, siret: &str| {
        w.parts.organisations.get_mut(id).unwrap().siret = Some(siret.to_owned());
    };
    siret(&mut w, "aix", "1");
    siret(&mut w, "eau", "2");
    let groups: BTreeSet<String> = ["partners".to_owned()].into();
    let policy = w.policy();
    let ask = |subject, siret| policy.standing_of_identity("issuer", subject, siret, &groups, NOON);
    let ada = ask("ada", Some("1")).unwrap();
    assert_eq!(
        (ada.role, ada.name.as_str()),
        (Some(Role::Publisher), "member:ada")
    );
    assert!(
        ada.subjects
            .contains(&Subject::Group("partners".to_owned()))
    );
    // Elsewhere she has no role, and without the number of her organisation nothing confirms that she acts for it.
    let elsewhere = ask("ada", Some("2")).unwrap();
    assert_eq!(
        (elsewhere.organisation.as_deref(), elsewhere.role),
        (Some("eau"), None)
    );
    let unsaid = ask("ada", None).unwrap();
    assert_eq!((unsaid.organisation.as_deref(), unsaid.role), (None, None));
    let colleague = ask("berthe", Some("2")).unwrap();
    assert_eq!(
        (colleague.organisation.as_deref(), colleague.role),
        (Some("eau"), None)
    );
    let stranger = ask("carl", Some("3")).unwrap();
    assert_eq!(stranger.organisation, None);
    // Another provider's `ada` is somebody else.
    let other = policy
        .standing_of_identity("other", "ada", None, &groups, NOON)
        .unwrap();
    assert_eq!(other.member, None);
}

/// `ada` by the same identity as a member of each of these organisations.
fn ada_of(w: &mut World, organisations: &[&str]) {
    for organisation in organisations {
        let id = format!("{organisation}.ada");
        w.member(&id, organisation, Role::Reader);
        let member = w.parts.members.get_mut(&id).unwrap();
        member.identity = Some(("issuer".to_owned(), "ada".to_owned()));
    }
}

fn member_by_token(policy: &Policy, siret: Option<&str>) -> (Option<String>, Option<String>) {
    let standing = policy.standing_of_identity("issuer", "ada", siret, &BTreeSet::new(), NOON);
    let standing = standing.unwrap();
    (standing.organisation.clone(), standing.member.clone())
}

fn told(organisation: Option<&str>, member: Option<&str>) -> (Option<String>, Option<String>) {
    (organisation.map(str::to_owned), member.map(str::to_owned))
}

#[test]
fn an_identity_acts_only_where_its_token_says() {
    let mut w = World::new();
    ada_of(&mut w, &["aix", "eau", "bdr"]);
    for (id, siret) in [("aix", "1"), ("eau", "2")] {
        w.parts.organisations.get_mut(id).unwrap().siret = Some(siret.to_owned());
    }
    let policy = w.policy();
    let ask = |siret| member_by_token(&policy, siret);
    assert_eq!(ask(Some("1")), told(Some("aix"), Some("aix.ada")));
    assert_eq!(ask(Some("2")), told(Some("eau"), Some("eau.ada")));
    assert_eq!(ask(Some("3")), told(Some("bdr"), Some("bdr.ada")));
    assert_eq!(ask(None), told(Some("bdr"), Some("bdr.ada")));
    assert_eq!(policy.inert(), []);
}

#[test]
fn no_organisation_takes_or_locks_out_members_of_others() {
    // Without a number: nobody is made to act for it who comes with one.
    let mut w = World::new();
    w.parts.organisations.get_mut("aix").unwrap().siret = Some("1".to_owned());
    ada_of(&mut w, &["eau"]);
    let ask = |w: &World, siret| member_by_token(&w.policy(), siret);
    assert_eq!(ask(&w, Some("1")), told(Some("aix"), None));
    ada_of(&mut w, &["aix"]);
    assert_eq!(ask(&w, Some("1")), told(Some("aix"), Some("aix.ada")));
    // Two without a number: neither, and the operator is told.
    ada_of(&mut w, &["bdr"]);
    assert_eq!(ask(&w, None), told(None, None));
    assert_eq!(ask(&w, Some("1")), told(Some("aix"), Some("aix.ada")));
    let part = |id: &str| Part::Member(id.to_owned());
    let policy = w.policy();
    let inert = policy.inert().iter();
    let inert: Vec<_> = inert.map(|i| (i.what.clone(), i.why.clone())).collect();
    let expected = ["bdr.ada", "eau.ada"].map(|id| (part(id), Flaw::IdentityTwice));
    assert_eq!(inert, expected);
    // A number that two claim names nobody's members.
    w.parts.organisations.get_mut("eau").unwrap().siret = Some("1".to_owned());
    assert_eq!(ask(&w, Some("1")), told(None, None));
}

#[test]
fn a_number_of_two_organisations_names_none() {
    let mut w = World::new();
    for id in ["aix", "eau"] {
        w.parts.organisations.get_mut(id).unwrap().siret = Some("1".to_owned());
    }
    let policy = w.policy();
    let standing = policy.standing_of_identity("issuer", "x", Some("1"), &BTreeSet::new(), NOON);
    assert_eq!(standing.unwrap().organisation, None);
    assert_eq!(policy.inert().len(), 2);
}

#[test]
fn hosts_are_followed_upwards_and_circles_cut() {
    let mut w = World::new();
    w.organisation("a", Some("b"));
    w.organisation("b", Some("c"));
    w.organisation("c", Some("a"));
    w.organisation("d", Some("gone"));
    w.organisation("e", Some("d"));
    let policy = w.policy();
    assert_eq!(policy.lineage("aix"), ["aix", "bdr"]);
    for id in ["a", "b", "c", "d"] {
        assert_eq!(policy.lineage(id), [id]);
    }
    assert_eq!(policy.lineage("e"), ["e", "d"]);
    assert!(policy.lineage("nobody").is_empty());
    assert_eq!(policy.inert().len(), 4);
}

#[test]
fn narrowing_twice_is_narrowing_by_both() {
    let set = |ids: &[&str]| Some(ids.iter().map(|i| (*i).to_owned()).collect::<BTreeSet<_>>());
    let a = Scopes {
        layers: set(&["x", "y"]),
        max_zoom: Some(12),
        ..Scopes::default()
    };
    let b = Scopes {
        layers: set(&["y", "z"]),
        actions: Some([Action::Tiles].into()),
        profile: Some("p".to_owned()),
        max_zoom: Some(9),
    };
    let both = a.and(&b);
    assert_eq!(both, b.and(&a));
    assert_eq!((&both.layers, both.max_zoom), (&set(&["y"]), Some(9)));
    assert_eq!((&both.actions, &both.profile), (&b.actions, &b.profile));
    assert_eq!(a.and(&Scopes::default()), a);
    let other = Scopes {
        profile: Some("q".to_owned()),
        ..Scopes::default()
    };
    assert_eq!(
        b.and(&other).layers,
        set(&[]),
        "two profiles cannot be said in one"
    );
}

/// A grant to a key is one to its holder: it holds for the key that was made in its place, too, however often.
#[test]
fn what_is_granted_to_a_key_holds_for_its_successors() {
    let mut w = World::new();
    w.profile("all", "TRUE", &["*"]);
    w.grant(Subject::Key(KeyId(2)), "all");
    for id in 1..=4 {
        w.key(id, "eau", None).replaced_by = (id < 4).then_some(KeyId(id + 1));
    }
    w.key(5, "eau", None);
    let seen = |w: &World| {
        let sees = |id: &u32| !w.by_key(*id).on(Surface::Items).is_nothing();
        (1..=5).filter(sees).collect::<Vec<_>>()
    };
    assert_eq!(seen(&w), [2, 3, 4]);
    // Callers of equal rights share what was worked out for one of them.
    let policy = w.policy();
    let rights = |id| {
        policy.rights(&Principal::Known(
            policy.standing_of_key(KeyId(id), NOON).unwrap(),
        ))
    };
    assert!(rights(2) == rights(3) && rights(1) == rights(5) && rights(1) != rights(3));
    w.parts.grants[0].until_us = Some(NOON);
    assert!(seen(&w).is_empty(), "there is one grant, and it ended");
    w.parts.grants[0].until_us = None;
    w.parts.grants[0].subject = Subject::Key(KeyId(4));
    assert_eq!(seen(&w), [4]);
}

#[test]
fn what_suspends_a_key_suspends_its_successors() {
    let mut w = World::new();
    for id in 1..=4 {
        w.key(id, "eau", None).replaced_by = (id < 4).then_some(KeyId(id + 1));
    }
    w.suspend(Target::Key(KeyId(2)));
    let policy = w.policy();
    for id in 1..=4 {
        let standing = policy.standing_of_key(KeyId(id), NOON);
        let refused = standing.map(drop);
        let expected = if id == 1 {
            Ok(())
        } else {
            Err(Refusal::Suspended)
        };
        assert_eq!(refused, expected, "{id}");
        assert_eq!(policy.is_suspended(&Target::Key(KeyId(id))), id > 1);
    }
}
