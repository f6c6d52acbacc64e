//! Where a faulty configuration keeps its state: what a command must know that suspends or revokes something while nobody has mended the file.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The state folder that a text names, as it is written there; `None` if it names none. An error if it may name one that cannot be made out: to
/// revoke something in another store would look as if it were done.
pub(super) fn state_of(text: &str) -> Result<Option<String>, String> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let server = tree.get_ref().get("server").map(Spanned::get_ref);
    let state = match server {
        Some(DeValue::Table(table)) => table.get("state"),
        _ => None,
    };
    // A text that lacks its last quote is still read as one, to the end of its line.
    let is_sound = |span: &Range<usize>| {
        let begins = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let ends = text[span.end..]
            .find('\n')
            .map_or(text.len(), |at| span.end + at + 1);
        let mut spans = errors.iter().map(|e| e.span().unwrap_or(0..text.len()));
        !spans.any(|s| s.start <= ends && begins <= s.end)
    };
    match state.map(|s| (s.get_ref(), s.span())) {
        Some((DeValue::String(folder), span)) if is_sound(&span) => Ok(Some(folder.to_string())),
        None if !text.lines().any(may_name_a_folder) => Ok(None),
        _ => Err(
            "it cannot be made out which state folder this names: mend state under [server]"
                .to_owned(),
        ),
    }
}

/// True of a line that sets something called `state` which is not the state of a layer.
fn may_name_a_folder(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with('#') {
        return false;
    }
    let mut rest = line;
    while let Some((_, after)) = rest.split_once("state") {
        let value = after.trim_start_matches(['"', '\'', ' ', '\t']);
        if let Some(value) = value.strip_prefix('=') {
            let value = value.trim_start_matches(['"', '\'', ' ', '\t']);
            let of_layer = ["draft", "published", "withdrawn"];
            if !of_layer.iter().any(|word| value.starts_with(word)) {
                return true;
            }
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_found_beside_faults() {
        let text = "[platform]\ntitel = 3\n[server]\nstate = \"/srv/guichet\"\nlisten = 'x'\n[[layer]\nid = 'a'\n";
        assert_eq!(state_of(text), Ok(Some("/srv/guichet".to_owned())));
        assert_eq!(
            state_of("server = { state = 'x' }\na = 1\nwhat"),
            Ok(Some("x".to_owned()))
        );
    }

    #[test]
    fn none_is_named_where_no_line_may() {
        let text =
            "[server]\nlisten = 'x'\n# state = '/srv'\n[[layer]]\nstate = \"draft\"\naccess = \n";
        assert_eq!(state_of(text), Ok(None));
        assert_eq!(state_of(""), Ok(None));
    }

    #[test]
    fn what_may_name_one_is_never_passed_over() {
        for text in [
            "[server]\nstate = 3\n",
            "[sever]\nstate = '/srv'\n",
            "[server]\nstate = \"/srv\n",
            "server.state = /srv\n",
            "server = 3\n\"state\" = 'x'\n",
        ] {
            assert!(state_of(text).is_err(), "{text}");
        }
    }
}
