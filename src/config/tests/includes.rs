//! Configurations of several files.

use std::fs;

use super::{faults_in, folder, open_layer};
use crate::config::Config;

#[test]
fn included_files_are_read_once_in_order() {
    let root = folder(&[
        (
            "guichet.toml",
            "include = ['orgs/b.toml', 'orgs/*.toml', 'orgs']\n[server]\nstate = '/s'",
        ),
        ("orgs/a.toml", &open_layer("a")),
        (
            "orgs/b.toml",
            &format!("include = ['deep/c.toml']\n{}", open_layer("b")),
        ),
        ("orgs/deep/c.toml", &open_layer("c")),
    ]);
    let config = Config::load(&root.path().join("guichet.toml")).unwrap();
    let ids: Vec<_> = config.layers.iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["b", "c", "a"]);
    assert_eq!(
        config.layers[1].source.path,
        root.path().join("orgs/deep/c.fgb")
    );
    assert_eq!(
        config.layers[1].place.file.as_ref(),
        root.path().join("orgs/deep/c.toml")
    );
}

#[test]
fn files_that_include_each_other_are_refused() {
    let root = folder(&[
        ("guichet.toml", "\ninclude = ['a.toml']"),
        ("a.toml", "include = ['b.toml']"),
        ("b.toml", "\n\ninclude = ['*.toml']"),
    ]);
    let all = faults_in(root.path());
    let cycle = |chain: &str| {
        format!(
            "b.toml:3: \"include\": the files include each other: guichet.toml → a.toml → b.toml → {chain}"
        )
    };
    assert_eq!(all, ["a.toml", "b.toml", "guichet.toml"].map(cycle));
}

#[test]
fn included_files_are_checked_like_the_first() {
    let root = folder(&[
        (
            "guichet.toml",
            "include = ['a.toml', 'none.toml', 'nowhere/*.toml', 'bad.toml']",
        ),
        (
            "a.toml",
            "[server]\nlisten = '127.0.0.1:1'\n[[layer]]\nid = 'x'\ntitel = 'y'\n",
        ),
        ("bad.toml", "x = \n"),
    ]);
    let all = faults_in(root.path());
    assert!(
        all[0].starts_with("guichet.toml:1: \"include\": ")
            && all[0].ends_with("none.toml does not exist"),
        "{all:#?}"
    );
    assert!(all[1].contains("nowhere/ does not exist"), "{all:#?}");
    assert_eq!(
        all[2],
        r#"a.toml:1: unknown key "server" in the file: [server] belongs in the file that the server is started with, not in an included one"#
    );
    assert!(
        all.iter()
            .any(|f| f.starts_with("a.toml:5: unknown key \"titel\"")),
        "{all:#?}"
    );
    assert!(
        all.iter()
            .any(|f| f.starts_with("bad.toml:1: not valid TOML")),
        "{all:#?}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_sentence() {
    let root = folder(&[("x/y", "")]);
    let error = |path: &str| {
        Config::load(&root.path().join(path))
            .unwrap_err()
            .to_string()
    };
    assert!(error("none.toml").contains("none.toml: cannot be read: "));
    assert!(error("x").contains("is a folder"));
    fs::write(root.path().join("latin1.toml"), b"title = '\xe9'").unwrap();
    assert!(error("latin1.toml").ends_with("is not UTF-8 text"));
}

#[test]
fn a_byte_order_mark_is_no_fault() {
    let root = folder(&[("guichet.toml", "\u{feff}[platform]\ntitle = 'a'")]);
    let config = Config::load(&root.path().join("guichet.toml")).unwrap();
    assert_eq!(config.platform.title, "a");
}
