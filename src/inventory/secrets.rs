//! Credentials in the files of an image. A file that an upper layer removed is still in it.

use crate::bom::{Secret, SecretPlace};
use crate::layers::{State, Tree};
use crate::secrets::Files;

/// What lies open in the files of an image, in order of path.
pub(super) fn find(tree: &Tree) -> Vec<Secret> {
    let files = Files::default();
    let asked = tree.histories().filter(|(path, _)| files.are_asked(path));
    asked.flat_map(|(path, states)| in_file(path, states)).collect()
}

/// Of the states of a file the last that holds any.
fn in_file(path: &str, states: &[State]) -> Vec<Secret> {
    for (place, state) in states.iter().enumerate().rev() {
        let Some(bytes) = state.content() else { continue };
        let hits = Files::lie_in(bytes);
        if !hits.is_empty() {
            let secret = |(kind, line)| Secret {
                place: SecretPlace::File,
                name: path.to_owned(),
                line: Some(line),
                kind,
                layer: Some(state.layer),
                hidden: place + 1 < states.len(),
            };
            return hits.into_iter().map(|hit| secret((hit.kind, hit.line))).collect();
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn layer(files: &[(&str, &str)]) -> Extract {
        let entry = |(path, text): &(&str, &str)| Entry {
            path: (*path).into(),
            node: Node::File(text.as_bytes().into()),
        };
        Extract { entries: files.iter().map(entry).collect(), ..Extract::default() }
    }

    #[test]
    fn removed_files_count_and_published_ones_do_not() {
        let base = layer(&[
            ("root/.netrc", "machine h login me password hunter22\n"),
            ("app/.env", "MODE=test\nDB_PASSWORD=hunter22\n"),
            ("app/node_modules/x/test/.env", "DB_PASSWORD=hunter22\n"),
            ("app/readme", "DB_PASSWORD=hunter22\n"),
        ]);
        let mut top = layer(&[("app/.env", "MODE=production\n")]);
        top.whiteouts.push("root/.netrc".into());
        let tree = Tree::stack([&base, &top]);
        let found = find(&tree);
        let told: Vec<_> = found
            .iter()
            .map(|secret| (secret.name.as_str(), secret.line, secret.layer, secret.hidden))
            .collect();
        assert_eq!(told, [("app/.env", Some(2), Some(0), true), ("root/.netrc", Some(1), Some(0), true)]);
    }
}
