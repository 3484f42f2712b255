//! Images in stores of this machine: `ROOT@IMAGE`, and the whole name that a short one stands for.

use std::path::{Path, PathBuf};

pub(super) struct Place<'a> {
    pub(super) root: PathBuf,
    pub(super) image: &'a str,
}

/// Splits at the first `@` whose left side is a folder that is there; an image's digest stands behind one too.
pub(super) fn place<'a>(text: &'a str, usual: &Path) -> Place<'a> {
    for (at, _) in text.match_indices('@') {
        if at > 0 && Path::new(&text[..at]).is_dir() {
            return Place { root: text[..at].into(), image: &text[at + 1..] };
        }
    }
    Place { root: usual.to_owned(), image: text }
}

/// The names under which a store may have an image, as written first: `alpine` is `docker.io/library/alpine:latest`.
pub(super) fn candidates(image: &str) -> Vec<String> {
    let last = image.rsplit('/').next().unwrap_or(image);
    let tagged = match last.contains([':', '@']) {
        true => image.to_owned(),
        false => format!("{image}:latest"),
    };
    let mut names = vec![image.to_owned(), tagged.clone()];
    let first = tagged.split('/').next().unwrap_or_default();
    let has_host = tagged.contains('/') && (first.contains(['.', ':']) || first == "localhost");
    if !has_host {
        let library = if tagged.contains('/') { "" } else { "library/" };
        names.push(format!("docker.io/{library}{tagged}"));
        names.push(format!("localhost/{tagged}"));
    }
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stand_for_whole_ones() {
        assert_eq!(
            candidates("alpine"),
            ["alpine", "alpine:latest", "docker.io/library/alpine:latest", "localhost/alpine:latest"]
        );
        assert_eq!(candidates("a/b:1"), ["a/b:1", "docker.io/a/b:1", "localhost/a/b:1"]);
        assert_eq!(candidates("ghcr.io/a/b:1"), ["ghcr.io/a/b:1"]);
        assert_eq!(candidates("localhost:5000/b"), ["localhost:5000/b", "localhost:5000/b:latest"]);
    }

    #[test]
    fn the_folder_of_a_store_stands_before_the_image() {
        let usual = Path::new("/usual");
        let found = place(".@alpine@sha256:00", usual);
        assert_eq!((found.root.as_path(), found.image), (Path::new("."), "alpine@sha256:00"));
        let found = place("alpine@sha256:00", usual);
        assert_eq!((found.root.as_path(), found.image), (usual, "alpine@sha256:00"));
    }
}
