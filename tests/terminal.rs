//! What surrounds the data on the command line: summaries, details, what files and variables set, completions and
//! pages of the manual.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

/// An empty folder to work in, and a home that is somewhere else.
struct Desk {
    folder: TempDir,
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = || tempfile::tempdir().expect("a temporary folder");
        Self { folder: folder(), home: folder() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside the folder")).expect("writable");
        fs::write(path, content).expect("writable");
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("written")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        self.run_in("", arguments, environment)
    }

    fn run_in(&self, folder: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.path(folder))
            .env_clear()
            .env("HOME", self.home.path())
            .envs(environment.iter().copied())
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_summary_stands_beside_documents_in_files_and_never_in_the_data() {
    let desk = Desk::new();
    let source = fixture("node-app");
    let data = desk.run(&["scan", &source, "-o", "cyclonedx-json"]);
    assert_eq!((data.code, data.err.as_str()), (Some(0), ""));
    let filed = desk.run(&["scan", &source, "-o", "cyclonedx-json=a.json"]);
    assert_eq!((filed.code, filed.out.as_str()), (Some(0), ""));
    assert_eq!(desk.text("a.json"), data.out);
    for word in ["node-app", "50 components", "npm 49", "network-copyleft 1", "packlist check"] {
        assert!(filed.err.contains(word), "`{word}` is not in {}", filed.err);
    }
    let quiet = desk.run(&["scan", &source, "-o", "cyclonedx-json=a.json", "--quiet"]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), ("", ""));

    let judged = desk.run(&["check", &source, "-o", "summary", "-o", "sarif=x.sarif"]);
    assert_eq!((judged.code, judged.err.as_str()), (Some(1), ""));
    for word in ["denied under container-baseline: 1 deny", "pkg:npm/ua-parser-js@2.0.3", "packlist explain"]
    {
        assert!(judged.out.contains(word), "`{word}` is not in {}", judged.out);
    }
    let drift = desk.run(&["diff", "a.json", &source, "-o", "markdown=d.md"]);
    assert!(drift.err.contains("no drift"), "{}", drift.err);
}

#[test]
fn what_a_summary_names_can_be_typed() {
    let desk = Desk::new();
    let judged = desk.run(&["check", &fixture("node-app"), "-o", "summary"]);
    let next = judged.out.lines().find_map(|line| line.trim().strip_prefix("next")).expect("a next step");
    let words: Vec<&str> = next.split_whitespace().skip(1).collect();
    assert_eq!(desk.run(&words).code, Some(0), "{next}");
}

#[test]
fn details_are_told_to_who_asks() {
    let desk = Desk::new();
    let ran = desk.run(&["-v", "scan", &fixture("go-app"), "-o", "purls"]);
    for word in ["files and folders", "taking inventory: ", "go-mod: named 8 packages"] {
        assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
    }
    assert!(ran.out.lines().all(|line| line.starts_with("pkg:")), "{}", ran.out);
    assert_eq!(desk.run(&["scan", "x", "-v", "-q"]).code, Some(2));
}

#[test]
fn colours_and_links_are_for_who_wants_them() {
    let desk = Desk::new();
    let source = fixture("node-app");
    let plain = desk.run(&["check", &source]).out;
    assert!(!plain.contains('\x1b'));
    let check = ["check", source.as_str()];
    let coloured = desk.run_with(&check, &[("CLICOLOR_FORCE", "1")]).out;
    assert!(coloured.contains("\x1b[31mdeny[license-not-allowed]\x1b[0m"), "{coloured}");
    assert_eq!(desk.run_with(&check, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).out, plain);
    let never = ["check", source.as_str(), "--color", "never"];
    assert_eq!(desk.run_with(&never, &[("CLICOLOR_FORCE", "1"), ("FORCE_HYPERLINK", "1")]).out, plain);
    let linked = ["check", source.as_str(), "--color", "always"];
    let linked = desk.run_with(&linked, &[("FORCE_HYPERLINK", "1")]).out;
    assert!(linked.contains("\x1b]8;;https://www.npmjs.com/package/ua-parser-js/v/2.0.3\x1b\\"), "{linked}");
    let json = desk.run(&["check", &source, "-o", "json", "--color", "always"]).out;
    assert!(!json.contains('\x1b'));
}

/// Names are a stranger's: what people read never steers their terminal, whatever command shows it.
#[test]
fn no_name_steers_the_terminal() {
    let desk = Desk::new();
    let evil = r"x\u001b]0;owned\u0007\r\u202e";
    desk.file(
        "package.json",
        &format!(r#"{{"name": "app", "version": "1", "dependencies": {{"{evil}": "1"}}}}"#),
    );
    desk.file(
        "package-lock.json",
        &format!(
            r#"{{"name": "app", "version": "1", "lockfileVersion": 3, "packages": {{
                "": {{"name": "app", "version": "1", "dependencies": {{"{evil}": "1"}}}},
                "node_modules/{evil}": {{"version": "1{evil}", "license": "{evil}"}}}}}}"#
        ),
    );
    desk.file(r"bad/package-lock.json", "{");
    for command in [
        &["scan", "."][..],
        &["scan", ".", "-o", "summary"],
        &["check", "."],
        &["check", ".", "-o", "summary"],
        &["tree", "."],
        &["licenses", ".", "--all"],
        &["diff", "bad", "."],
        &["explain", ".", "app"],
        &["explain", "\u{1b}[31m", "app"],
        &["scan", ".", "-v"],
        &["explain", "\u{1b}[31mMIT\u{7}"],
    ] {
        let ran = desk.run(command);
        for text in [&ran.out, &ran.err] {
            let steers =
                |c: char| (c.is_control() && !"\n\t".contains(c)) || ('\u{202a}'..='\u{202e}').contains(&c);
            assert!(!text.contains(steers), "{command:?}: {text:?}");
        }
    }
}

#[test]
fn what_is_typed_goes_before_variables_and_these_before_the_file() {
    let desk = Desk::new();
    let source = fixture("go-app");
    desk.file("packlist.toml", "[options]\noutput = \"csv\"\n[options.scan]\noutput = [\"spdx-json\"]\n");
    let starts = |ran: Ran, with: &str| assert!(ran.out.starts_with(with), "{}{}", ran.out, ran.err);
    let scan = ["scan", source.as_str()];
    starts(desk.run(&scan), "{\n  \"spdxVersion\"");
    starts(desk.run_with(&scan, &[("PACKLIST_OUTPUT", "purls")]), "pkg:golang/");
    let both = [("PACKLIST_OUTPUT", "purls"), ("PACKLIST_SCAN_OUTPUT", "summary")];
    starts(desk.run_with(&scan, &both), "go-app\n  5 components");
    starts(desk.run_with(&["scan", &source, "-o", "table"], &both), "go-app (directory)");
    // From a folder below, as the policy is found.
    desk.file("deep/er/x", "");
    starts(desk.run_in("deep/er", &scan, &[]), "{\n  \"spdxVersion\"");
    starts(desk.run(&["scan", &source, "--config", ""]), "go-app (directory)");
    starts(desk.run_with(&scan, &[("PACKLIST_CONFIG", "")]), "go-app (directory)");
    let told = desk.run_in("deep", &["config", "scan"], &[("PACKLIST_SCAN_OUTPUT", "summary")]).out;
    assert!(told.contains("file: ../packlist.toml"), "{told}");
    assert!(told.contains("--output summary  PACKLIST_SCAN_OUTPUT  scan"), "{told}");
}

#[test]
fn a_file_of_options_is_no_policy_and_a_policy_may_hold_options() {
    let desk = Desk::new();
    let source = fixture("node-app");
    desk.file("packlist.toml", "[options.check]\ntoday = 2027-01-01\n");
    assert!(desk.run(&["check", &source]).out.contains("under policy `container-baseline`"));
    desk.file("packlist.toml", "[options.check]\npolicy = \"saas\"\n");
    assert!(desk.run(&["check", &source]).out.contains("under policy `saas`"));
    let whole = "schema = 1\nextends = [\"container-baseline\"]\n[options.check]\noutput = \"json\"\n";
    desk.file("packlist.toml", whole);
    let ran = desk.run(&["check", &source]);
    assert!(ran.out.starts_with('{') && ran.out.contains("\"packlist.toml\""), "{}{}", ran.out, ran.err);
    assert_eq!(desk.run(&["policy", "lint"]).code, Some(0));
    // By another name, and with paths as they are meant where the file lies.
    desk.file("ci/other.toml", "[options.check]\npolicy = \"own.toml\"\n");
    desk.file("ci/own.toml", "schema = 1\nextends = [\"permissive-only\"]\n");
    let other = desk.run(&["check", &source, "--config", "ci/other.toml"]);
    assert!(other.out.contains("under policy `ci/own.toml`"), "{}{}", other.out, other.err);
}

#[test]
fn an_option_nobody_has_is_a_mistake_with_its_line() {
    let desk = Desk::new();
    let file = "schema = 1\n[options]\noutputt = 1\n[options.check]\nexplain = \"yes\"\n[options.scan]\nowned = \"nested\"\n";
    desk.file("packlist.toml", file);
    let ran = desk.run(&["scan", "."]);
    assert_eq!(ran.code, Some(2));
    for word in [
        "no command has an option `outputt`",
        "packlist.toml:3:1",
        "did you mean `output`?",
        "`explain` must be `true` or `false`",
        "packlist.toml:5:11",
        "`owned` cannot be `nested`",
        "3 mistakes",
    ] {
        assert!(ran.err.contains(word), "`{word}` is not in {}", ran.err);
    }
    // Help can be had all the same.
    assert_eq!(desk.run(&["scan", "--help"]).code, Some(0));
    desk.file("packlist.toml", "");
    let ran = desk.run_with(&["scan", "."], &[("PACKLIST_OWNED", "nested")]);
    assert!(ran.code == Some(2) && ran.err.contains("`--owned` is set by PACKLIST_OWNED"), "{}", ran.err);
}

/// A source tree may be a stranger's: what lies in it neither writes elsewhere nor sends or trusts anything.
#[test]
fn a_file_that_nobody_named_is_not_trusted() {
    let desk = Desk::new();
    desk.file("app/package.json", r#"{"name": "app"}"#);
    for (file, is_fine) in [
        ("[options.scan]\noutput = [\"csv=../outside.csv\"]\n", false),
        ("[options.scan]\noutput = [\"csv=/tmp/packlist-outside.csv\"]\n", false),
        ("[options]\ncache = \"kept\"\n", false),
        ("[options]\nplain-http = true\n", false),
        ("[options.attest]\nkey = \"k.pem\"\n", false),
        ("[options.scan]\noutput = [\"csv=below/inside.csv\"]\n", true),
        ("[options]\noffline = true\n", true),
    ] {
        desk.file("app/packlist.toml", file);
        fs::create_dir_all(desk.path("app/below")).expect("writable");
        let ran = desk.run_in("app", &["scan", "."], &[]);
        assert_eq!(ran.code, Some(if is_fine { 0 } else { 2 }), "{file}: {}", ran.err);
        assert!(is_fine || ran.err.contains("--config packlist.toml"), "{file}: {}", ran.err);
        assert!(!desk.path("outside.csv").exists());
        let named = desk.run_in("app", &["config", "--config", "packlist.toml"], &[]);
        assert_eq!(named.code, Some(0), "{file}: {}", named.err);
    }
    // What is set for all is not taken for an option that only shares the name.
    let ran = desk.run_with(&["config", "fetch-sbom"], &[("PACKLIST_OUTPUT", "csv")]);
    assert!(!ran.out.contains("--output"), "{}", ran.out);
}

#[test]
fn what_is_typed_excludes_what_is_set() {
    let desk = Desk::new();
    desk.file("packlist.toml", "[options]\nno-cache = true\nquiet = true\n");
    desk.file("app/package.json", r#"{"name": "app"}"#);
    let ran = desk.run(&["scan", "app", "-v", "--cache", "kept"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(ran.err.contains("taking inventory"), "{}", ran.err);
    assert!(!ran.err.contains("--no-cache"), "{}", ran.err);
}

#[test]
fn every_option_has_a_variable() {
    let desk = Desk::new();
    let set =
        [("PACKLIST_CHECK_TODAY", "2027-06-30"), ("PACKLIST_NO_VERIFY", "yes"), ("PACKLIST_STRANGE", "1")];
    let ran = desk.run_with(&["config", "check"], &set);
    assert!(ran.out.contains("--today 2027-06-30  PACKLIST_CHECK_TODAY"), "{}", ran.out);
    assert!(ran.out.contains("--no-verify true"), "{}", ran.out);
    assert!(ran.err.contains("`PACKLIST_STRANGE` is that of no option"), "{}", ran.err);
}

/// Whether the program is there, and what it says of the text.
fn accepts(program: &str, arguments: &[&str], text: &str) -> Option<bool> {
    use std::io::Write;
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn();
    let mut child = started.ok()?;
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it listens");
    Some(child.wait().expect("it ends").success())
}

#[test]
fn completions_are_scripts_of_their_shell() {
    let desk = Desk::new();
    for (shell, check) in [
        ("bash", Some(("bash", &["-n"][..]))),
        ("zsh", Some(("zsh", &["-n"][..]))),
        ("fish", Some(("fish", &["-n"][..]))),
        ("powershell", None),
    ] {
        let ran = desk.run(&["completions", shell]);
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        assert!(ran.out.contains("no-cache") && ran.out.contains("quality"), "{shell}");
        if let Some((program, arguments)) = check {
            assert_ne!(accepts(program, arguments, &ran.out), Some(false), "{shell}");
        }
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["man", "pages"]).code, Some(0));
    for page in ["packlist.1", "packlist-scan.1", "packlist-policy-init.1"] {
        let text = desk.text(&format!("pages/{page}"));
        assert!(
            text.contains(".SH SYNOPSIS") && text.contains("no\\-cache") || page == "packlist.1",
            "{text}"
        );
        assert_ne!(accepts("groff", &["-man", "-Tutf8", "-ww", "-z"], &text), Some(false), "{page}");
    }
    assert!(desk.text("pages/packlist-scan.1").contains("packlist scan app.tar"), "the examples are there");
}

fn valid(schema: &str, document: &str, what: &str) {
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema");
    let document: Value = serde_json::from_str(document).expect("JSON");
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{what}: {}", errors.join("\n"));
    let nothing = serde_json::json!({"schema": 0});
    assert!(!validator.is_valid(&nothing), "{what}: anything passes");
}

#[test]
fn json_is_what_its_schema_says() {
    let desk = Desk::new();
    let sources = ["node-app", "python-app", "debian-upgraded/layers/1", "dotnet", "java-app"].map(fixture);
    let json = |arguments: &[&str]| desk.run(&[arguments, &["-o", "json"]].concat()).out;
    let tree = include_str!("../docs/tree.schema.json");
    let drift = include_str!("../docs/drift.schema.json");
    let eol = include_str!("../docs/eol.schema.json");
    let quality = include_str!("../docs/quality.schema.json");
    for (source, other) in sources.iter().zip(sources.iter().cycle().skip(1)) {
        valid(tree, &json(&["tree", source]), "tree");
        valid(drift, &json(&["diff", source, other]), "diff");
        valid(drift, &json(&["diff", source, source]), "diff");
        valid(eol, &json(&["eol", source]), "eol");
        valid(quality, &json(&["quality", source]), "quality");
    }
}

#[test]
fn the_tree_is_what_its_schema_says() {
    let desk = Desk::new();
    let source = fixture("node-app");
    for arguments in
        [&["tree", &source][..], &["tree", &source, "immediate"], &["tree", &source, "--depth", "1"]]
    {
        let ran = desk.run(&[arguments, &["-o", "json"]].concat());
        valid(include_str!("../docs/tree.schema.json"), &ran.out, "tree");
    }
    let way = "pkg:npm/jszip@3.10.1 > pkg:npm/lie@3.3.0 > pkg:npm/immediate@3.0.6";
    let ran = desk.run(&["tree", &source, "immediate", "-o", "text=tree.txt", "-o", "json"]);
    assert!(desk.text("tree.txt").contains(way) && ran.out.contains("\"ways\""), "{}", desk.text("tree.txt"));
    let ran = desk.run(&["tree", &source, "imediate"]);
    assert!(ran.code == Some(2) && ran.err.contains("packlist scan"), "{}", ran.err);
}
