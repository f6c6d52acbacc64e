//! Who sees a layer at all, and on which surfaces.

use super::*;

fn organisation(id: &str) -> Subject {
    Subject::Organisation(id.to_owned())
}

#[test]
fn nobody_sees_what_is_not_granted() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.profile("all", "TRUE", &["*"]);
    assert!(w.anonymous().is_nothing());
    assert!(w.by_key(1).is_nothing());
    // Of another layer, or of nothing.
    w.grant(Subject::Public, "all").layers = ["aix.other".to_owned()].into();
    w.grant(Subject::Public, "all").layers.clear();
    w.grant(Subject::Public, "all").actions.clear();
    assert!(w.anonymous().is_nothing());
}

#[test]
fn the_public_is_everybody_and_the_authenticated_are_the_known() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.profile("id", "TRUE", &["idu"]);
    w.profile("area", "TRUE", &["area"]);
    w.grant(Subject::Public, "id");
    w.grant(Subject::Authenticated, "area");
    assert_eq!(names(&w, w.anonymous().on(Surface::Items)), ["idu"]);
    assert_eq!(names(&w, w.by_key(1).on(Surface::Items)), ["idu", "area"]);
}

#[test]
fn grants_are_for_their_subjects() {
    let mut w = World::new();
    w.member("ada", "eau", Role::Reader);
    w.parts.members.get_mut("ada").unwrap().groups = ["partners".to_owned()].into();
    w.key(1, "eau", None);
    w.key(2, "eau", Some("ada"));
    w.key(3, "bdr", None);
    w.profile("id", "TRUE", &["idu"]);
    w.profile("area", "TRUE", &["area"]);
    w.profile("owner", "TRUE", &["owner"]);
    w.grant(organisation("eau"), "id");
    w.grant(Subject::Group("partners".to_owned()), "area");
    w.grant(Subject::Key(KeyId(1)), "owner");
    assert!(w.anonymous().is_nothing());
    assert_eq!(names(&w, w.by_key(1).on(Surface::Items)), ["idu", "owner"]);
    assert_eq!(names(&w, w.by_key(2).on(Surface::Items)), ["idu", "area"]);
    assert!(w.by_key(3).is_nothing());
}

#[test]
fn open_layers_are_open_until_something_closes_them() {
    let mut w = World::new();
    w.access = Access::Open;
    assert!(w.anonymous().is_everything());
    assert!(w.policy().is_everything_for_anonymous(&w.layer(), NOON));
    type Close = fn(&mut PolicyParts);
    let closures: [Close; 5] = [
        |p| {
            p.layer_states.insert(PARCELS.to_owned(), LayerState::Draft);
        },
        |p| {
            p.layer_states
                .insert(PARCELS.to_owned(), LayerState::Withdrawn);
        },
        |p| {
            p.embargoes.insert(PARCELS.to_owned(), NOON + 1);
        },
        |p| {
            p.suspensions.push(Suspension {
                target: Target::Layer(PARCELS.to_owned()),
                reason: String::new(),
                by: None,
            });
        },
        |p| {
            p.suspensions.push(Suspension {
                target: Target::Organisation("aix".to_owned()),
                reason: String::new(),
                by: None,
            });
        },
    ];
    for close in closures {
        let mut w = World::new();
        w.access = Access::Open;
        close(&mut w.parts);
        assert!(w.anonymous().is_nothing());
        assert!(!w.policy().is_everything_for_anonymous(&w.layer(), NOON));
        assert!(!w.policy().is_open(Access::Open, PARCELS));
    }
    w.parts.embargoes.insert(PARCELS.to_owned(), NOON);
    assert!(w.anonymous().is_everything(), "the embargo is over");
}

#[test]
fn a_credential_only_narrows() {
    let mut w = World::new();
    w.access = Access::Open;
    w.key(1, "eau", None).scopes.layers = Some(["aix.other".to_owned()].into());
    w.key(2, "eau", None).scopes.layers = Some(BTreeSet::new());
    w.key(3, "eau", None).scopes.actions = Some([Action::Tiles].into());
    w.key(4, "eau", None).scopes.max_zoom = Some(10);
    w.key(5, "eau", None).scopes.profile = Some("id".to_owned());
    w.key(6, "eau", None).scopes.profile = Some("missing".to_owned());
    w.profile("id", "TRUE", &["idu"]);
    for key in [1, 2, 6] {
        assert!(w.by_key(key).is_nothing(), "key {key}");
    }
    let tiles = w.by_key(3);
    assert!(tiles.on(Surface::Items).is_nothing() && tiles.on(Surface::Discover).is_nothing());
    assert!(tiles.on(Surface::Tiles(9)).is_everything());
    let low = w.by_key(4);
    assert!(low.on(Surface::Tiles(10)).is_everything() && low.on(Surface::Tiles(11)).is_nothing());
    assert!(low.on(Surface::Items).is_nothing() && low.on(Surface::Export).is_nothing());
    assert!(low.on(Surface::Discover).is_everything());
    assert_eq!(names(&w, w.by_key(5).on(Surface::Items)), ["idu"]);
}

#[test]
fn members_see_all_of_their_layers_and_of_those_they_host() {
    let mut w = World::new();
    for (n, (organisation, role)) in [
        ("aix", Role::Reader),
        ("bdr", Role::Reader),
        ("eau", Role::Admin),
        ("aix", Role::Editor),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("m{n}");
        w.member(&id, organisation, role);
        w.key(n as u32, organisation, Some(&id));
    }
    w.key(9, "aix", None);
    assert!(w.by_key(0).is_everything());
    assert!(w.by_key(1).is_everything(), "a member of the host");
    assert!(w.by_key(2).is_nothing());
    assert!(
        w.by_key(9).is_nothing(),
        "a key without a member has no role"
    );
    let parent = w.layer_of("bdr.roads");
    let child = w.policy().view(&w.known(3), &parent, &Squares, NOON);
    assert!(child.is_nothing(), "the host's layers are not the guest's");
    // Before publication, editors alone.
    for state in ["draft", "embargo"] {
        if state == "draft" {
            w.parts
                .layer_states
                .insert(PARCELS.to_owned(), LayerState::Draft);
        } else {
            w.parts.layer_states.clear();
            w.parts.embargoes.insert(PARCELS.to_owned(), NOON + 1);
        }
        assert!(
            w.by_key(0).is_nothing() && w.by_key(1).is_nothing(),
            "{state}"
        );
        assert!(w.by_key(3).is_everything(), "{state}");
    }
    w.parts
        .layer_states
        .insert(PARCELS.to_owned(), LayerState::Withdrawn);
    assert!(w.by_key(3).is_nothing());
}

#[test]
fn drafts_and_embargoes_close_grants() {
    let mut w = World::new();
    w.profile("all", "TRUE", &["*"]);
    w.grant(Subject::Public, "all");
    assert!(!w.anonymous().is_nothing());
    w.parts
        .layer_states
        .insert(PARCELS.to_owned(), LayerState::Draft);
    assert!(w.anonymous().is_nothing());
    w.parts.layer_states.clear();
    w.parts.embargoes.insert(PARCELS.to_owned(), NOON + 1);
    assert!(w.anonymous().is_nothing());
}

#[test]
fn suspension_wins_over_all() {
    let mut w = World::new();
    w.member("ada", "aix", Role::Admin);
    w.key(1, "aix", Some("ada"));
    let before = w.known(1);
    assert!(w.view(&before).is_everything());
    for target in [
        Target::Layer(PARCELS.to_owned()),
        Target::Organisation("aix".to_owned()),
        Target::Key(KeyId(1)),
        Target::Member("ada".to_owned()),
    ] {
        w.parts.suspensions.clear();
        w.suspend(target.clone());
        assert!(w.view(&before).is_nothing(), "checked before: {target:?}");
    }
    w.parts.suspensions.clear();
    w.suspend(Target::Layer(PARCELS.to_owned()));
    let operator = Principal::Known(Arc::new(Standing::operator()));
    assert!(w.view(&operator).is_nothing());
    w.parts.suspensions.clear();
    assert!(w.view(&operator).is_everything());
}

#[test]
fn an_unconfirmed_policy_closes_restricted_layers() {
    let mut w = World::new();
    w.profile("all", "TRUE", &["*"]);
    w.grant(Subject::Public, "all");
    w.parts.unconfirmed = true;
    assert!(w.anonymous().is_nothing());
    w.access = Access::Open;
    assert!(w.anonymous().is_everything());
}

#[test]
fn periods_begin_with_their_first_instant_and_end_before_their_last() {
    let mut w = World::new();
    w.profile("all", "TRUE", &["*"]);
    let grant = w.grant(Subject::Public, "all");
    (grant.from_us, grant.until_us) = (Some(10), Some(20));
    w.parts.embargoes.insert("aix.other".to_owned(), 30);
    let policy = w.policy();
    let sees = |at| {
        let view = policy.view(&Principal::Anonymous, &w.layer(), &Squares, at);
        !view.is_nothing()
    };
    assert_eq!([9, 10, 19, 20].map(sees), [false, true, true, false]);
    assert_eq!(policy.next_boundary_us(9), Some(10));
    assert_eq!(policy.next_boundary_us(10), Some(20));
    assert_eq!(policy.next_boundary_us(20), Some(30));
    assert_eq!(policy.next_boundary_us(30), None);
}

#[test]
fn terms_must_be_accepted_by_the_organisation_in_that_version() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.key(2, "bdr", None);
    w.profile("all", "TRUE", &["*"]);
    let terms = |version| Terms {
        id: "licence".to_owned(),
        version,
    };
    w.grant(Subject::Public, "all").terms = Some(terms(3));
    w.parts.acceptances = [("eau".to_owned(), terms(2)), ("bdr".to_owned(), terms(3))].into();
    assert!(w.anonymous().is_nothing());
    assert!(w.by_key(1).is_nothing(), "another version");
    assert!(!w.by_key(2).is_nothing());
}

#[test]
fn a_limit_of_zooms_closes_items_unless_cells_are_shown() {
    let mut w = World::new();
    w.profile("low", "TRUE", &["idu"]).zooms = Zooms { min: 0, max: 12 };
    w.profile("high", "TRUE", &["area"]).zooms = Zooms { min: 10, max: 255 };
    w.grant(Subject::Public, "low");
    w.grant(Subject::Public, "high");
    let view = w.anonymous();
    assert!(view.on(Surface::Items).is_nothing() && view.on(Surface::Export).is_nothing());
    assert_eq!(names(&w, view.on(Surface::Discover)), ["idu", "area"]);
    assert_eq!(names(&w, view.on(Surface::Tilesets)), ["idu", "area"]);
    let at = |zoom| names(&w, view.on(Surface::Tiles(zoom)));
    assert_eq!(
        (at(9), at(10)),
        (
            vec!["idu".to_owned()],
            vec!["idu".to_owned(), "area".to_owned()]
        )
    );
    assert_eq!((at(12).len(), at(13)), (2, vec!["area".to_owned()]));
    let bands: Vec<_> = view.tile_bands().iter().map(|b| b.zooms.clone()).collect();
    assert_eq!(bands, [0..=9, 10..=12, 13..=255]);

    let mut w = World::new();
    let profile = w.profile("cells", "TRUE", &[]);
    profile.zooms = Zooms { min: 0, max: 12 };
    profile.precision = Some(cells(1000, 11, &[]));
    w.grant(Subject::Public, "cells");
    let view = w.anonymous();
    assert!(!view.on(Surface::Items).is_nothing() && !view.on(Surface::Export).is_nothing());
    assert!(view.on(Surface::Tiles(13)).is_nothing());
}

#[test]
fn neighbouring_bands_that_show_the_same_are_one() {
    let mut w = World::new();
    w.profile("low", "TRUE", &["idu"]).zooms = Zooms { min: 0, max: 12 };
    w.profile("high", "TRUE", &["idu"]).zooms = Zooms { min: 13, max: 255 };
    w.grant(Subject::Public, "low");
    w.grant(Subject::Public, "high");
    assert_eq!(w.anonymous().tile_bands().len(), 1);
}

#[test]
fn formats_open_what_they_name() {
    let mut w = World::new();
    w.profile("id", "TRUE", &["idu"]);
    w.profile("flat", "TRUE", &["area"]).formats = Some(["fgb".to_owned()].into());
    w.grant(Subject::Public, "id");
    w.grant(Subject::Public, "flat");
    let view = w.anonymous();
    assert_eq!(names(&w, view.on(Surface::Items)), ["idu"]);
    assert_eq!(
        names(&w, view.in_format(Surface::Items, "geojson")),
        ["idu"]
    );
    assert_eq!(
        names(&w, view.in_format(Surface::Items, "fgb")),
        ["idu", "area"]
    );
    assert_eq!(names(&w, view.on(Surface::Discover)), ["idu", "area"]);
}

#[test]
fn a_profile_that_does_not_fit_shows_nothing() {
    type Spoil = fn(&mut Profile);
    let faults: [(Spoil, &str); 12] = [
        (|p| p.rows = "ownr = 'x'".to_owned(), "filter"),
        (|p| p.rows = "owner =".to_owned(), "CQL2"),
        (
            |p| p.attributes = Attributes::Only(["idv".to_owned()].into()),
            "idv",
        ),
        (
            |p| p.attributes = Attributes::Only(["kept".to_owned()].into()),
            "kept",
        ),
        (
            |p| {
                p.derived.insert("aera".to_owned(), Derived::Mask);
            },
            "aera",
        ),
        (
            |p| {
                p.derived.insert("owner".to_owned(), Derived::Recompute);
            },
            "no number",
        ),
        (
            |p| {
                p.area = Some((
                    ProfileArea::Given(AreaSource::Wkt("nowhere".to_owned())),
                    AreaMode::Clip,
                ));
            },
            "area",
        ),
        (
            |p| {
                p.area = Some((
                    ProfileArea::Given(AreaSource::Wkt("empty".to_owned())),
                    AreaMode::Within,
                ));
            },
            "area",
        ),
        (
            |p| p.area = Some((ProfileArea::Jurisdiction, AreaMode::Within)),
            "jurisdiction",
        ),
        (|p| p.precision = Some(cells(1000, 11, &[])), "precision"),
        (|p| p.zooms = Zooms { min: 9, max: 8 }, "zoom"),
        (|p| p.organisation = Some("eau".to_owned()), "eau"),
    ];
    for (spoil, word) in faults {
        let mut w = World::new();
        w.profile("all", "TRUE", &["*"]);
        w.grant(Subject::Public, "all");
        assert!(!w.anonymous().is_nothing());
        spoil(w.parts.profiles.get_mut("all").unwrap());
        assert!(w.anonymous().is_nothing(), "{word}");
        let policy = w.policy();
        let reasons: Vec<String> = policy
            .idle_on(&w.layer(), &Squares)
            .iter()
            .map(ToString::to_string)
            .chain(policy.inert().iter().map(ToString::to_string))
            .collect();
        // A jurisdiction is lacking for the anonymous alone.
        let found = reasons.iter().any(|r| r.contains(word));
        assert_eq!(found, word != "jurisdiction", "{word}: {reasons:?}");
    }
}

#[test]
fn cells_that_do_not_fit_show_nothing() {
    for precision in [
        cells(0, 11, &[]),
        cells(1000, 0, &[]),
        cells(1000, 11, &[("owner", Aggregate::Sum)]),
        cells(1000, 11, &[("kept", Aggregate::Sum)]),
    ] {
        let mut w = World::new();
        w.profile("cells", "TRUE", &[]).precision = Some(precision.clone());
        w.grant(Subject::Public, "cells");
        assert!(w.anonymous().is_nothing(), "{precision:?}");
    }
}

#[test]
fn a_jurisdiction_is_that_of_whoever_asks() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.key(2, "bdr", None);
    w.key(3, "aix", None);
    w.parts.organisations.get_mut("aix").unwrap().jurisdiction = None;
    w.profile("own", "TRUE", &["*"]).area = Some((ProfileArea::Jurisdiction, AreaMode::Clip));
    w.grant(Subject::Public, "own");
    let ids = [1, 2].map(|key| w.by_key(key).on(Surface::Items).id());
    assert_ne!(ids[0], ids[1]);
    assert!(
        w.by_key(3).is_nothing(),
        "it has none, and its host's is not its own"
    );
    assert!(w.anonymous().is_nothing());
}

#[test]
fn only_the_owner_its_hosts_and_the_operator_say_what_is_opened() {
    let mut w = World::new();
    w.profile("p", "TRUE", &["*"]);
    w.grant(Subject::Public, "p");
    let mut sees = |author: Option<&str>| {
        w.parts.profiles.get_mut("p").unwrap().organisation = author.map(str::to_owned);
        !w.anonymous().is_nothing()
    };
    assert!(sees(None) && sees(Some("aix")) && sees(Some("bdr")));
    assert!(!sees(Some("eau")) && !sees(Some("gone")));
}

#[test]
fn areas_are_drawn_from_ones_own_layers_or_open_ones() {
    let mut w = World::new();
    w.profile("p", "TRUE", &["*"]);
    w.grant(Subject::Public, "p");
    let mut sees = |author: Option<&str>, layer: &str| {
        let profile = w.parts.profiles.get_mut("p").unwrap();
        profile.organisation = author.map(str::to_owned);
        let source = AreaSource::Layer {
            layer: layer.to_owned(),
            filter: "TRUE".to_owned(),
        };
        profile.area = Some((ProfileArea::Given(source), AreaMode::Clip));
        !w.anonymous().is_nothing()
    };
    assert!(sees(Some("aix"), "aix.zones"));
    assert!(sees(Some("bdr"), "aix.zones"));
    assert!(sees(Some("aix"), "eau.open"));
    assert!(!sees(Some("aix"), "eau.secret"));
    assert!(
        !sees(Some("aix"), "bdr.secret"),
        "a guest does not see its host's layers"
    );
    assert!(sees(None, "eau.secret"), "the operator may");
}

#[test]
fn listed_layers_are_told_of_unless_something_closes_them() {
    let mut w = World::new();
    w.key(1, "eau", None).scopes.layers = Some(["aix.other".to_owned()].into());
    w.key(2, "eau", None);
    let lists = |w: &World, p: &Principal| w.policy().lists(p, &w.layer(), NOON);
    assert!(!lists(&w, &Principal::Anonymous));
    w.discovery = Discovery::Listed;
    assert!(lists(&w, &Principal::Anonymous) && lists(&w, &w.known(2)));
    assert!(!lists(&w, &w.known(1)), "narrowed to others");
    w.parts.embargoes.insert(PARCELS.to_owned(), NOON + 1);
    assert!(!lists(&w, &Principal::Anonymous));
    w.parts.embargoes.clear();
    w.suspend(Target::Layer(PARCELS.to_owned()));
    assert!(!lists(&w, &Principal::Anonymous));
}

#[test]
fn callers_whom_nothing_tells_apart_have_equal_rights() {
    let mut w = World::new();
    w.key(1, "eau", None);
    w.key(2, "eau", None);
    w.key(3, "bdr", None);
    w.key(4, "eau", None).scopes.max_zoom = Some(3);
    w.profile("all", "TRUE", &["*"]);
    let rights = |w: &World, key| w.policy().rights(&w.known(key));
    assert_eq!(rights(&w, 1), rights(&w, 2));
    assert_ne!(rights(&w, 1), rights(&w, 3));
    assert_ne!(rights(&w, 1), rights(&w, 4));
    assert_ne!(rights(&w, 1), w.policy().rights(&Principal::Anonymous));
    w.grant(Subject::Key(KeyId(1)), "all");
    assert_ne!(rights(&w, 1), rights(&w, 2), "a grant names one of them");
    // Worked out before or now, they are the same.
    let (policy, Principal::Known(standing)) = (w.policy(), w.known(1)) else {
        unreachable!()
    };
    let known = policy.standing_of_key(KeyId(1), NOON).unwrap();
    let copy = Principal::Known(Arc::new((*standing).clone()));
    assert_eq!(
        policy.rights(&Principal::Known(known)),
        policy.rights(&copy)
    );
}
