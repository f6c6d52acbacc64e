//! Ids: defined once, used only where defined.

use super::{PROFILE, fault, faults, faults_in, folder, open_layer, parse};

#[test]
fn an_id_given_twice_names_both_places() {
    let text = format!("{}\n{}", open_layer("communes"), open_layer("communes"));
    assert_eq!(
        fault(&text),
        r#"guichet.toml:6: the layer "communes" is already defined at guichet.toml:1"#
    );
    let twice = "[[organisation]]\nid = 'a'\n";
    assert_eq!(
        fault(&format!("{twice}{twice}")),
        r#"guichet.toml:3: the organisation "a" is already defined at guichet.toml:1"#
    );
    assert!(
        fault(&format!("{PROFILE}{PROFILE}"))
            .ends_with(r#"the profile "p" is already defined at guichet.toml:1"#)
    );

    let root = folder(&[
        ("guichet.toml", "include = ['orgs']"),
        ("orgs/a.toml", twice),
        ("orgs/b.toml", twice),
    ]);
    let both = faults_in(root.path());
    assert_eq!(
        both,
        [r#"orgs/b.toml:1: the organisation "a" is already defined at orgs/a.toml:1"#]
    );
}

#[test]
fn references_need_a_definition() {
    let text = format!(
        "[[organisation]]\nid = 'region-sud'\n{}organisation = 'region-sub'\n{}organisation = 'region-sub'\n",
        open_layer("a"),
        open_layer("b")
    );
    // The store may have the owner of a layer: whoever reads it says what is wrong if it does not.
    let guests = parse(&text).expect("a configuration").guests;
    let told: Vec<String> = guests.iter().map(|g| g.fault.to_string()).collect();
    assert_eq!(
        told,
        [
            r#"guichet.toml:7: "organisation" in [[layer]]: there is no organisation "region-sub"; did you mean "region-sud"?"#
        ]
    );
    let grant = "[[grant]]\nsubject = 'organisation:x'\nlayers = ['communes']\nprofile = 'q'\nactions = ['tiles']\n";
    let owned = format!(
        "[[organisation]]\nid = 'sud'\n{}organisation = 'sud'\n",
        open_layer("communes")
    );
    assert_eq!(
        faults(&format!("{grant}{owned}{PROFILE}")),
        [
            r#"guichet.toml:2: "subject" in [[grant]]: there is no organisation "x""#,
            r#"guichet.toml:3: an element of "layers" in [[grant]]: there is no layer "communes"; did you mean "sud.communes"?"#,
            r#"guichet.toml:4: "profile" in [[grant]]: there is no profile "q"; did you mean "p"?"#,
        ]
    );
    let area = format!("{PROFILE}area = {{ layer = 'zones', filter = 'TRUE', mode = 'within' }}");
    assert!(fault(&area).ends_with(r#""layer" in area: there is no layer "zones""#));
}
