//! The ceiling on slices.

use super::*;

fn crowded(n: usize) -> World {
    let mut w = World::new();
    for i in 0..n {
        w.profile(&format!("p{i}"), &format!("owner = '{i}'"), &["idu"]);
        w.grant(Subject::Public, &format!("p{i}"));
    }
    w
}

#[test]
fn too_many_slices_show_nothing_and_are_told_before() {
    let w = crowded(MOST_SLICES);
    assert_eq!(w.anonymous().on(Surface::Items).slices().len(), MOST_SLICES);
    assert_eq!(
        w.policy().check_writable(&w.layer(), &Squares, NOON),
        Ok(())
    );
    let w = crowded(MOST_SLICES + 1);
    let view = w.anonymous();
    assert!(view.is_nothing());
    assert_eq!(view.refused()[0].count, MOST_SLICES + 1);
    let refused = w
        .policy()
        .check_writable(&w.layer(), &Squares, NOON)
        .unwrap_err();
    assert_eq!(refused.caller, "anonymous");
}

#[test]
fn a_surface_that_is_not_crowded_goes_on() {
    let mut w = crowded(MOST_SLICES + 1);
    w.parts.grants[0].actions = [Action::Tiles].into();
    let view = w.anonymous();
    assert!(view.on(Surface::Tiles(3)).is_nothing());
    assert_eq!(view.on(Surface::Items).slices().len(), MOST_SLICES);
}

#[test]
fn whoever_has_them_and_whenever_they_begin() {
    let base = crowded(MOST_SLICES);
    let with = |change: fn(&mut World)| {
        let mut w = World::new();
        w.parts = base.parts.clone();
        w.key(7, "eau", None);
        w.profile("more", "owner = 'more'", &["idu"]);
        change(&mut w);
        let refused = w.policy().check_writable(&w.layer(), &Squares, NOON);
        refused.map_err(|e| e.caller)
    };
    let key = with(|w| drop(w.grant(Subject::Key(KeyId(7)), "more").id.clone()));
    assert_eq!(key, Err("key:00000007".to_owned()));
    let later = with(|w| w.grant(Subject::Public, "more").from_us = Some(NOON + 1));
    assert_eq!(later, Err("anonymous".to_owned()));
    let ended = with(|w| w.grant(Subject::Public, "more").until_us = Some(NOON));
    assert_eq!(ended, Ok(()));
    let group = with(|w| drop(w.grant(Subject::Group("g".to_owned()), "more").id.clone()));
    assert!(group.is_err());
    let terms = with(|w| {
        w.grant(Subject::Public, "more").terms = Some(Terms {
            id: "t".to_owned(),
            version: 1,
        });
    });
    assert!(terms.is_err());
}

#[test]
fn writers_are_told_by_what_they_know() {
    let mut w = crowded(MOST_SLICES);
    let eau = || Subject::Organisation("eau".to_owned());
    for (i, grant) in w.parts.grants.iter_mut().enumerate() {
        grant.subject = if i < 10 { Subject::Public } else { eau() };
    }
    for key in [7, 8] {
        w.key(key, "eau", None);
    }
    w.parts.keys.get_mut(&KeyId(7)).unwrap().replaced_by = Some(KeyId(8));
    let one_more = |subject: Subject, profile: &str| Grant {
        id: String::new(),
        subject,
        profile: profile.to_owned(),
        ..w.parts.grants[0].clone()
    };
    let policy = w.policy();
    let room = |grant: &Grant| policy.has_room_for(grant, NOON);
    assert!(!room(&one_more(eau(), "more")));
    assert!(!room(&one_more(Subject::Public, "more")));
    assert!(!room(&one_more(Subject::Authenticated, "more")));
    // A profile that is granted already, in the place of another one, at an end, on another layer.
    assert!(room(&one_more(eau(), "p3")));
    assert!(room(&Grant {
        id: w.parts.grants[20].id.clone(),
        ..one_more(eau(), "more")
    }));
    assert!(room(&Grant {
        until_us: Some(NOON),
        ..one_more(eau(), "more")
    }));
    assert!(room(&Grant {
        layers: ["aix.other".to_owned()].into(),
        ..one_more(eau(), "more")
    }));
    // Whose a key is, and in whose place, is nobody's to find out; nor who is in a group.
    for subject in [
        Subject::Key(KeyId(7)),
        Subject::Key(KeyId(8)),
        Subject::Key(KeyId(9)),
        Subject::Group("g".to_owned()),
        Subject::Organisation("bdr".to_owned()),
    ] {
        assert!(room(&one_more(subject, "more")));
    }
}
