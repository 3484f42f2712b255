//! A revision of a git repository gives the list that a checkout of it gives.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use packlist::bom::Bom;
use packlist::inventory::{self, ecosystems};
use packlist::layers::Tree;
use packlist::source::{self, Options, SourceError};
use sha1::{Digest, Sha1};
use tempfile::TempDir;

fn scan(reference: &str) -> Result<Bom, SourceError> {
    let wanted = inventory::wanted(ecosystems::ALL);
    let snapshot = source::read(reference, &wanted, &Options::default())?;
    let tree = Tree::stack(&snapshot.extracts);
    Ok(inventory::take(snapshot.subject, snapshot.layers, &tree, snapshot.gaps, ecosystems::ALL))
}

fn references(bom: &Bom) -> Vec<String> {
    bom.components.keys().map(ToString::to_string).collect()
}

fn refused(reference: &str) -> String {
    let error = scan(reference).expect_err("it is not there");
    let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}; {}", error.help().unwrap_or_default())
}

/// A repository made by git itself. `None` where git is not there.
struct Work {
    folder: TempDir,
}

impl Work {
    fn new(format: &str) -> Option<Self> {
        Command::new("git").arg("--version").output().ok()?;
        let work = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir(work.root()).expect("writable");
        work.git(&["init", "-q", "-b", "main", &format!("--object-format={format}")]);
        Some(work)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .current_dir(self.root())
            .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"])
            .args(["-c", "protocol.file.allow=always", "-c", "core.autocrlf=false"])
            .args(arguments)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
            .env("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z")
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, content).expect("writable");
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn named(&self, revision: &str) -> String {
        format!("git:{}@{revision}", self.root().display())
    }

    /// The revision, beside a checkout of it.
    fn check(&self, revision: &str) -> Bom {
        let bom = scan(&self.named(revision)).unwrap_or_else(|error| panic!("{revision}: {error:?}"));
        let checkout = self.folder.path().join("checkout");
        let place = checkout.display().to_string();
        self.git(&["worktree", "add", "-q", "--detach", &place, revision]);
        let mut whole = scan(&format!("dir:{place}")).expect("a folder");
        assert!(bom.subject.version.is_some() && !bom.components.is_empty());
        whole.subject.version.clone_from(&bom.subject.version);
        assert_eq!((&bom.components, &bom.gaps), (&whole.components, &whole.gaps), "{revision}");
        // Its own `.git` is a file that leads to the repository.
        let again = scan(&format!("git:{place}@HEAD")).expect("a work tree");
        assert_eq!((&again.components, &again.subject.version), (&bom.components, &bom.subject.version));
        self.git(&["worktree", "remove", "--force", &place]);
        bom
    }
}

fn lock(version: u32) -> String {
    let packages: Vec<String> = (0..300)
        .map(|number| {
            format!(
                "    \"node_modules/p{number}\": {{\"version\": \"{}.0.0\"}}",
                if number == 7 { version } else { 1 }
            )
        })
        .collect();
    format!(
        "{{\n  \"name\": \"app\", \"lockfileVersion\": 3, \"packages\": {{\n    \"\": {{\"name\": \"app\"}},\n{}\n  }}\n}}\n",
        packages.join(",\n")
    )
}

#[test]
fn every_way_of_keeping_and_naming_a_revision_leads_to_its_checkout() {
    for format in ["sha1", "sha256"] {
        let Some(work) = Work::new(format) else { return };
        let mut commits = Vec::new();
        for version in 1..=6 {
            work.write("package-lock.json", &lock(version));
            work.write("deep/er/folder/requirements.txt", &format!("flask=={version}.0\n"));
            work.write(&format!("notes/{version}.md"), "text");
            commits.push(work.commit("change"));
        }
        work.git(&["tag", "-a", "v1", "-m", "a tag", &commits[1]]);
        work.git(&["tag", "-a", "vv1", "-m", "a tag of a tag", "v1"]);
        work.git(&["tag", "light", &commits[2]]);
        work.git(&["branch", "feature/x", &commits[3]]);
        let check_all = || {
            for (name, commit) in [
                ("HEAD", 5),
                ("main", 5),
                ("@", 5),
                ("", 5),
                ("main~4", 1),
                ("HEAD^^", 3),
                ("v1", 1),
                ("vv1", 1),
                ("v1^{}", 1),
                ("v1^{commit}~1", 0),
                ("light", 2),
                ("refs/tags/light", 2),
                ("feature/x", 3),
                ("heads/feature/x", 3),
                (&commits[4][..9], 4),
                (&*format!("v1-3-g{}", &commits[4][..9]), 4),
                (&commits[0], 0),
            ] {
                let bom = scan(&work.named(name)).unwrap_or_else(|error| panic!("{name}: {error:?}"));
                assert_eq!(bom.subject.version.as_ref(), Some(&commits[commit]), "{name}");
            }
            let bom = work.check("v1");
            assert!(references(&bom).contains(&"pkg:npm/p7@2.0.0".to_owned()), "{:?}", references(&bom));
            assert_eq!(bom.subject.name, "app");
            assert_eq!(bom.subject.created.as_deref(), Some("2026-01-02T03:04:05Z"));
            work.check("HEAD~3");
        };
        check_all();
        // All in one pack, the locks as deltas to each other, and the names in one file.
        work.git(&["gc", "-q", "--aggressive", "--prune=now"]);
        assert!(work.root().join(".git/packed-refs").is_file());
        check_all();
        for missing in ["v9", "main~99", "HEAD^2", "main^{blob}", "../../etc/passwd"] {
            let message = refused(&work.named(missing));
            assert!(message.contains("has no revision") && message.contains(missing), "{message}");
        }
        let borrowed = work.folder.path().join("borrowed");
        work.git(&["clone", "-q", "--shared", "--bare", ".", &borrowed.display().to_string()]);
        let bom = scan(&format!("git:{}@v1", borrowed.display())).expect("what it borrows from is there");
        assert_eq!(bom.subject.version.as_ref(), Some(&commits[1]));
    }
}

#[test]
fn what_a_checkout_would_not_have_is_a_gap() {
    let Some(work) = Work::new("sha1") else { return };
    work.write("package-lock.json", &lock(1));
    let first = work.commit("first");
    work.write("lib/big.jar", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n");
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{first},vendor/other")]);
    work.git(&["add", "lib"]);
    work.git(&["commit", "-q", "-m", "more"]);
    let bom = scan(&work.named("HEAD")).expect("there");
    let gaps: Vec<String> = bom.gaps.iter().map(|gap| format!("{}: {}", gap.path, gap.reason)).collect();
    assert!(gaps.iter().any(|gap| gap.starts_with("lib/big.jar: is kept by Git LFS")), "{gaps:?}");
    let submodule = format!("vendor/other: is a submodule at {first}, which is another repository");
    assert!(gaps.contains(&submodule), "{gaps:?}");
}

/// A repository of loose objects, made by hand.
struct Made {
    folder: TempDir,
}

impl Made {
    fn new() -> Self {
        let made = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        fs::create_dir_all(made.path("objects")).expect("writable");
        fs::create_dir_all(made.path("refs/heads")).expect("writable");
        fs::write(made.path("HEAD"), "ref: refs/heads/main\n").expect("writable");
        made
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn object(&self, kind: &str, content: &[u8]) -> String {
        let whole = [format!("{kind} {}\0", content.len()).as_bytes(), content].concat();
        let id: String = Sha1::digest(&whole).iter().map(|byte| format!("{byte:02x}")).collect();
        self.loose(&id, &whole);
        id
    }

    fn loose(&self, id: &str, whole: &[u8]) {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(whole).expect("in memory");
        let path = self.path("objects").join(&id[..2]).join(&id[2..]);
        fs::create_dir_all(path.parent().expect("in a folder")).expect("writable");
        fs::write(path, packed.finish().expect("in memory")).expect("writable");
    }

    fn tree(&self, entries: &[(&str, &str, &str)]) -> String {
        let mut tree = Vec::new();
        for (mode, name, id) in entries {
            tree.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            tree.extend(id.as_bytes().chunks(2).map(|digits| {
                u8::from_str_radix(std::str::from_utf8(digits).expect("digits"), 16).expect("digits")
            }));
        }
        self.object("tree", &tree)
    }

    fn main(&self, tree: &str) {
        let commit = self.object("commit", format!("tree {tree}\ncommitter A <a> 1 +0000\n\nx\n").as_bytes());
        fs::write(self.path("refs/heads/main"), commit).expect("writable");
    }

    fn named(&self) -> String {
        format!("git:{}@main", self.folder.path().display())
    }
}

#[test]
fn objects_that_lie_or_are_cut_are_errors() {
    let made = Made::new();
    let lock = made.object("blob", lock(1).as_bytes());
    let tree = made.tree(&[("100644", "package-lock.json", &lock)]);
    made.main(&tree);
    assert_eq!(scan(&made.named()).expect("whole").components.len(), 301);
    let path = made.path("objects").join(&lock[..2]).join(&lock[2..]);
    let whole = fs::read(&path).expect("there");
    for length in [0, 1, 10, whole.len() / 2] {
        fs::write(&path, &whole[..length]).expect("writable");
        assert!(refused(&made.named()).contains("is broken"), "{length}: {}", refused(&made.named()));
    }
    made.loose(&lock, b"blob 4\0{}\n\n");
    assert!(refused(&made.named()).contains("is not what its name says"), "{}", refused(&made.named()));
    made.loose(&lock, b"blob 99999999999999999\0{}");
    assert!(scan(&made.named()).expect("a gap").gaps[0].reason.contains("more than the limit"));
    fs::remove_file(&path).expect("there");
    assert!(refused(&made.named()).contains("the repository has no object"), "{}", refused(&made.named()));
}

#[test]
fn hostile_trees_and_names_lead_nowhere() {
    let made = Made::new();
    let lock = made.object("blob", lock(1).as_bytes());
    let tree = made.tree(&[
        ("100644", "..", &lock),
        ("100644", "a/package-lock.json", &lock),
        ("100644", "ok", &lock),
    ]);
    made.main(&tree);
    let bom = scan(&made.named()).expect("whole");
    assert_eq!((bom.components.len(), bom.gaps.len()), (0, 1), "{:?}", bom.gaps);
    // A tree of trees of trees, each ten times: more entries than anybody has.
    let mut wide = made.tree(&[("100644", "x", &lock)]);
    for _ in 0..9 {
        let entries: Vec<(&str, &str, &str)> = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
            .iter()
            .map(|name| ("40000", *name, &*wide))
            .collect();
        wide = made.tree(&entries);
    }
    made.main(&wide);
    let limits = packlist::layers::Limits { entries: 5_000, ..packlist::layers::Limits::default() };
    let options = Options { limits, ..Options::default() };
    let error = source::read(&made.named(), &inventory::wanted(ecosystems::ALL), &options);
    assert!(error.is_err());
    fs::write(made.path("refs/heads/main"), "ref: refs/heads/main\n").expect("writable");
    assert!(refused(&made.named()).contains("leads to itself"));
    fs::write(made.path("refs/heads/main"), "ref: ../../../etc/passwd\n").expect("writable");
    assert!(refused(&made.named()).contains("has no revision"));
    fs::write(made.path("config"), "[extensions]\n\trefstorage = reftable\n").expect("writable");
    assert!(refused(&made.named()).contains("lie in a reftable"));
    let nowhere = tempfile::tempdir().expect("a temporary folder");
    if !nowhere.path().ancestors().any(|folder| folder.join(".git").exists()) {
        assert!(
            refused(&format!("git:{}@main", nowhere.path().display())).contains("not in a git repository")
        );
    }
}

#[test]
fn packs_that_are_cut_or_changed_are_errors_and_never_another_list() {
    let Some(work) = Work::new("sha1") else { return };
    for version in 1..=4 {
        work.write("package-lock.json", &lock(version));
        work.commit("change");
    }
    work.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    let right = scan(&work.named("HEAD~2")).expect("whole");
    let packs = work.root().join(".git/objects/pack");
    let with = |ending: &str| -> PathBuf {
        let mut files = fs::read_dir(&packs).expect("there").flatten().map(|file| file.path());
        files.find(|path| path.extension().is_some_and(|found| found == ending)).expect("there")
    };
    for file in [with("pack"), with("idx")] {
        let whole = fs::read(&file).expect("there");
        let check = |bytes: &[u8]| {
            replace(&file, bytes);
            if let Ok(bom) = scan(&work.named("HEAD~2")) {
                assert_eq!(bom, right);
            }
        };
        for length in (0..whole.len()).step_by(101) {
            check(&whole[..length]);
        }
        for at in (0..whole.len()).step_by(37) {
            let mut changed = whole.clone();
            changed[at] ^= 0x55;
            check(&changed);
        }
        replace(&file, &whole);
    }
}

/// git makes its packs read-only.
fn replace(path: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).expect("writable");
}
