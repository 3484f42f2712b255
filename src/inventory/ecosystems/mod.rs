//! One file for each ecosystem, and the list of them.
//!
//! To add one: write the file, add its two lines here, put a real project under `tests/fixtures`.

mod apk;
mod bitnami;
mod bottlerocket;
mod bun;
mod bun_lockb;
mod bundler;
mod cabal;
mod cargo;
mod cargo_auditable;
mod cargo_crate;
mod chisel;
mod cocoapods;
mod composer;
mod composer_installed;
mod conan;
mod conda;
mod conda_env;
mod cos;
mod dart;
mod deno;
mod dpkg;
mod elf_note;
mod fingerprint;
mod flatpak;
mod gemspec;
mod github_actions;
mod go_binary;
mod go_mod;
mod gradle;
mod gradle_catalog;
mod gradle_verification;
mod homebrew;
mod jar;
mod java_folder;
mod julia;
mod jvm;
mod luarocks;
mod maven;
mod mix;
mod nix;
mod npm;
mod npm_lock;
mod nuget_assets;
mod nuget_deps;
mod nuget_lock;
mod nuget_packages_config;
mod nuget_project;
mod nuspec;
mod opam;
mod opkg;
mod os_release;
mod otp;
mod pacman;
mod pdm;
mod pear;
mod pip_vendored;
mod pipenv;
mod pnpm;
mod poetry;
mod portage;
mod pylock;
mod python_installed;
mod r;
mod rebar;
mod renv;
mod requirements;
mod rpm;
mod sbt;
mod setup_py;
mod snap;
mod stack;
mod swift;
mod swipl;
mod uv;
mod vcpkg;
mod wordpress;
mod yarn;
mod yarn_berry;

use super::Ecosystem;

/// Every ecosystem, in order of name.
pub const ALL: &[Ecosystem] = &[
    apk::ECOSYSTEM,
    bitnami::ECOSYSTEM,
    bottlerocket::ECOSYSTEM,
    bun::ECOSYSTEM,
    bun_lockb::ECOSYSTEM,
    bundler::ECOSYSTEM,
    cabal::ECOSYSTEM,
    cargo::ECOSYSTEM,
    cargo_auditable::ECOSYSTEM,
    cargo_crate::ECOSYSTEM,
    chisel::ECOSYSTEM,
    cocoapods::ECOSYSTEM,
    composer::ECOSYSTEM,
    composer_installed::ECOSYSTEM,
    conan::ECOSYSTEM,
    conda::ECOSYSTEM,
    conda_env::ECOSYSTEM,
    cos::ECOSYSTEM,
    dart::ECOSYSTEM,
    deno::ECOSYSTEM,
    dpkg::ECOSYSTEM,
    elf_note::ECOSYSTEM,
    fingerprint::ECOSYSTEM,
    flatpak::ECOSYSTEM,
    gemspec::ECOSYSTEM,
    github_actions::ECOSYSTEM,
    go_binary::ECOSYSTEM,
    go_mod::ECOSYSTEM,
    gradle::ECOSYSTEM,
    gradle_catalog::ECOSYSTEM,
    gradle_verification::ECOSYSTEM,
    homebrew::ECOSYSTEM,
    jar::ECOSYSTEM,
    java_folder::ECOSYSTEM,
    julia::ECOSYSTEM,
    jvm::ECOSYSTEM,
    luarocks::ECOSYSTEM,
    maven::ECOSYSTEM,
    mix::ECOSYSTEM,
    nix::ECOSYSTEM,
    npm::ECOSYSTEM,
    npm_lock::ECOSYSTEM,
    nuget_assets::ECOSYSTEM,
    nuget_deps::ECOSYSTEM,
    nuget_lock::ECOSYSTEM,
    nuget_packages_config::ECOSYSTEM,
    nuget_project::ECOSYSTEM,
    nuspec::ECOSYSTEM,
    opam::ECOSYSTEM,
    opkg::ECOSYSTEM,
    os_release::ECOSYSTEM,
    otp::ECOSYSTEM,
    pacman::ECOSYSTEM,
    pdm::ECOSYSTEM,
    pear::ECOSYSTEM,
    pip_vendored::ECOSYSTEM,
    pipenv::ECOSYSTEM,
    pnpm::ECOSYSTEM,
    poetry::ECOSYSTEM,
    portage::ECOSYSTEM,
    pylock::ECOSYSTEM,
    python_installed::ECOSYSTEM,
    r::ECOSYSTEM,
    rebar::ECOSYSTEM,
    renv::ECOSYSTEM,
    requirements::ECOSYSTEM,
    rpm::ECOSYSTEM,
    sbt::ECOSYSTEM,
    setup_py::ECOSYSTEM,
    snap::ECOSYSTEM,
    stack::ECOSYSTEM,
    swift::ECOSYSTEM,
    swipl::ECOSYSTEM,
    uv::ECOSYSTEM,
    vcpkg::ECOSYSTEM,
    wordpress::ECOSYSTEM,
    yarn::ECOSYSTEM,
    yarn_berry::ECOSYSTEM,
];

/// Shared by the tests of all ecosystems: the only code of theirs that touches more than one parser.
#[cfg(test)]
pub(super) mod testing {
    use std::fmt::Write;

    use super::super::File;
    use super::Ecosystem;
    use crate::bom::{Bom, Component, Gap, GapKind, Kind, Layer, Scope, Subject};
    use crate::inventory::{take, wanted};
    use crate::layers::{Entry, Extract, Node, Tree, Wanted};

    /// Reads files as one ecosystem and compares with the expectation: a line for each component, its edges
    /// behind it, then a line for each gap.
    pub(super) fn check(ecosystem: &Ecosystem, files: &[(&str, &str)], expected: expect_test::Expect) {
        let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
        check_bytes(ecosystem, &files, expected);
    }

    pub(super) fn check_bytes(ecosystem: &Ecosystem, files: &[(&str, &[u8])], expected: expect_test::Expect) {
        expected.assert_eq(&render(&bom(ecosystem, files)));
    }

    fn bom(ecosystem: &Ecosystem, files: &[(&str, &[u8])]) -> Bom {
        let ecosystem = std::slice::from_ref(ecosystem);
        let extract = extract(&wanted(ecosystem), files);
        take(Subject::default(), Vec::new(), &Tree::stack([&extract]), Vec::new(), ecosystem)
    }

    /// What one ecosystem says of files, a line for each package with whether it was asked for and the files
    /// it owns: what a bill does not show.
    pub(super) fn owned(ecosystem: &Ecosystem, files: &[(&str, &[u8])]) -> String {
        let wanted = wanted(std::slice::from_ref(ecosystem));
        let tree = Tree::stack([&extract(&wanted, files)]);
        let reads = Wanted::new(ecosystem.reads.iter().copied()).expect("globs");
        let mut text = String::new();
        for (path, bytes) in files.iter().filter(|(path, _)| reads.wants(path)) {
            let file = File { path, bytes };
            let Ok(parsed) = (ecosystem.parse)(&file, &tree) else { continue };
            for mut package in parsed.packages {
                (ecosystem.enrich)(&mut package, &file, &tree);
                let asked_for = if package.component.asked_for { " asked-for" } else { "" };
                let _ = writeln!(text, "{}{asked_for}", package.component.name);
                for file in package.files {
                    let digest =
                        file.digest.map(|hash| format!(" {}:{}", hash.algorithm.name(), &hash.hex[..8]));
                    let _ = writeln!(text, "  {}{}", file.path, digest.unwrap_or_default());
                }
            }
        }
        text
    }

    /// Takes inventory of an image of these layers, base first. A name that starts with `.wh.` is a whiteout.
    pub(in crate::inventory) fn layered(layers: &[&[(&str, &str)]]) -> Bom {
        let wanted = wanted(super::ALL).with_digests(crate::layers::Digests { compared: true, told: true });
        let extracts: Vec<Extract> = layers
            .iter()
            .map(|files| {
                let is_whiteout = |path: &str| path.contains(".wh.");
                let there: Vec<(&str, &[u8])> = files
                    .iter()
                    .filter(|(path, _)| !is_whiteout(path))
                    .map(|(path, text)| (*path, text.as_bytes()))
                    .collect();
                let gone = files.iter().filter(|(path, _)| is_whiteout(path));
                let whiteouts = gone.map(|(path, _)| path.replace(".wh.", "")).collect();
                Extract { whiteouts, ..extract(&wanted, &there) }
            })
            .collect();
        let layer = |index| Layer { diff_id: format!("sha256:{index:064}"), created_by: None };
        let tree = Tree::stack(&extracts);
        take(Subject::default(), (0..layers.len()).map(layer).collect(), &tree, Vec::new(), super::ALL)
    }

    /// Content that starts with `->` makes the file a link.
    fn extract(wanted: &Wanted, files: &[(&str, &[u8])]) -> Extract {
        let node = |path: &str, bytes: &[u8]| match bytes.strip_prefix(b"->") {
            Some(target) => Node::Symlink(String::from_utf8_lossy(target).trim().into()),
            None if wanted.wants(path) => Node::File(bytes.into()),
            None => Node::Other,
        };
        let entries =
            files.iter().map(|(path, bytes)| Entry { path: (*path).into(), node: node(path, bytes) });
        Extract { entries: entries.collect(), ..Extract::default() }
    }

    pub(in crate::inventory) fn render(bom: &Bom) -> String {
        let mut text = String::new();
        for (reference, component) in &bom.components {
            let _ = write!(text, "{reference}");
            describe(&mut text, component);
            if let Some(needs) = bom.dependencies.get(reference) {
                let needs: Vec<String> = needs.iter().map(short).collect();
                let _ = write!(text, " needs [{}]", needs.join(", "));
            }
            text.push('\n');
        }
        for Gap { path, line, kind, reason } in &bom.gaps {
            let line = line.map(|line| format!(":{line}")).unwrap_or_default();
            let kind = if *kind == GapKind::Unread { "gap" } else { "left out" };
            let _ = writeln!(text, "{kind} {path}{line}: {reason}");
        }
        text
    }

    fn describe(text: &mut String, component: &Component) {
        let lines: Vec<String> =
            component.evidence.iter().filter_map(|evidence| Some(evidence.line?.to_string())).collect();
        if !lines.is_empty() {
            let _ = write!(text, " line {}", lines.join("+"));
        }
        if component.kind != Kind::Library {
            let _ = write!(text, " {}", component.kind.name());
        }
        if component.scope != Scope::Required {
            let _ = write!(text, " {}", component.scope.name());
        }
        if component.first_party {
            text.push_str(" first-party");
        }
        if let Some(layer) = component.layer {
            let _ = write!(text, " layer {layer}");
        }
        if let Some(hidden) = &component.hidden {
            let _ = write!(text, " hidden by {}", hidden.layer);
            if let Some(successor) = &hidden.replaced_by {
                let _ = write!(text, " replaced by {}", short(successor));
            }
        }
        if let Some(owner) = &component.owner {
            let _ = write!(text, " in {} by {}", short(&owner.component), owner.path);
        }
        for claim in &component.licenses {
            let _ = write!(text, " {} `{}`", claim.basis.name(), claim.text);
            match &claim.expression {
                Some(expression) if expression.to_string() != claim.text => {
                    let _ = write!(text, " = {expression}");
                }
                Some(_) => {}
                None => text.push_str(" = ?"),
            }
        }
        for hash in &component.hashes {
            let _ = write!(text, " {}:{}", hash.algorithm.name(), &hash.hex[..8]);
        }
    }

    /// A reference without type and qualifiers: enough to know it by.
    fn short(reference: &crate::bom::Ref) -> String {
        let text = reference.0.split('?').next().unwrap_or_default();
        text.strip_prefix("pkg:")
            .and_then(|text| text.split_once('/'))
            .map_or(text, |(_, rest)| rest)
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_every_pattern_is_a_glob() {
        assert!(ALL.is_sorted_by(|one, other| one.name < other.name));
        crate::inventory::wanted(ALL);
    }
}
