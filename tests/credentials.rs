//! Credentials that lie in what is read go nowhere: not into lists, reports, notes and errors.

use std::fs;
use std::process::Command;

/// Looks like nothing else; every address below has it.
const PASSWORD: &str = "hunterNr22aBcDeFgH";

/// Lockfiles and manifests of many ecosystems, with a login in each address they may have.
fn files() -> Vec<(&'static str, String)> {
    let url = format!("https://user:{PASSWORD}@git.example.org/o/r");
    let token = format!("https://{PASSWORD}@git.example.org/o/r");
    vec![
        (
            "npm/package-lock.json",
            format!(
                r#"{{"lockfileVersion":3,"packages":{{"":{{"dependencies":{{"a":"git+{url}.git","b":"{url}/b.tgz"}}}},"node_modules/a":{{"version":"1.0.0","resolved":"git+{token}.git#0123456789abcdef0123456789abcdef01234567"}},"node_modules/b":{{"version":"2.0.0","resolved":"{token}/b-2.0.0.tgz"}}}}}}"#
            ),
        ),
        (
            "npm1/package-lock.json",
            format!(
                r#"{{"lockfileVersion":1,"dependencies":{{"a":{{"version":"git+{url}.git#0123456789abcdef0123456789abcdef01234567","from":"git+{url}.git"}},"b":{{"version":"{url}/b-2.0.0.tgz"}}}}}}"#
            ),
        ),
        (
            "yarn/yarn.lock",
            format!(
                "# yarn lockfile v1\n\n\n\"a@git+{url}.git\":\n  version \"1.0.0\"\n  resolved \"git+{token}.git#0123456789abcdef0123456789abcdef01234567\"\n\nb@^1:\n  version \"1.0.1\"\n  resolved \"{url}/b-1.0.1.tgz#0123\"\n"
            ),
        ),
        (
            "berry/yarn.lock",
            format!(
                "__metadata:\n  version: 8\n\n\"a@{url}.git\":\n  version: 1.0.0\n  resolution: \"a@{url}.git#commit=0123456789abcdef0123456789abcdef01234567\"\n  languageName: node\n  linkType: hard\n"
            ),
        ),
        (
            "pnpm/pnpm-lock.yaml",
            format!(
                "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a:\n        specifier: git+{url}.git\n        version: git+{url}.git#0123\npackages:\n  a@git+{url}.git#0123:\n    resolution: {{type: git, repo: '{token}.git', commit: 0123456789abcdef}}\n    version: 1.0.0\n  b@{url}/b.tgz:\n    resolution: {{tarball: '{token}/b.tgz'}}\n    version: 1.0.0\n"
            ),
        ),
        (
            "bun/bun.lock",
            format!(
                "{{\"lockfileVersion\": 1, \"workspaces\": {{\"\": {{\"name\": \"x\", \"dependencies\": {{\"a\": \"git+{url}.git\"}}}}}}, \"packages\": {{\"a\": [\"a@git+{token}.git#0123456\", {{}}, \"o-r-0123456\"], \"b\": [\"b@1.0.0\", \"{url}/b.tgz\", {{}}, \"\"]}}}}"
            ),
        ),
        (
            "cargo/Cargo.lock",
            format!(
                "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"git+{url}.git?rev=0123#0123456789abcdef0123456789abcdef01234567\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"registry+{token}/index\"\n"
            ),
        ),
        (
            "pip/requirements.txt",
            format!(
                "--index-url {url}/simple\n-e git+{url}.git@v1#egg=a\nb @ git+{token}.git@v2\nc @ {url}/c-1.0.tar.gz\n{url}/d-1.0-py3-none-any.whl\n!! git+{url}\n"
            ),
        ),
        (
            "poetry/poetry.lock",
            format!(
                "[[package]]\nname = \"a\"\nversion = \"1.0\"\n\n[package.source]\ntype = \"git\"\nurl = \"{url}.git\"\nreference = \"main\"\nresolved_reference = \"0123456789abcdef0123456789abcdef01234567\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0\"\n\n[package.source]\ntype = \"url\"\nurl = \"{token}/b.whl\"\n\n[metadata]\nlock-version = \"2.0\"\n"
            ),
        ),
        (
            "uv/uv.lock",
            format!(
                "version = 1\n\n[[package]]\nname = \"a\"\nversion = \"1.0\"\nsource = {{ git = \"{url}.git?rev=main#0123456789abcdef\" }}\n\n[[package]]\nname = \"b\"\nversion = \"1.0\"\nsource = {{ registry = \"{token}/simple\" }}\nsdist = {{ url = \"{url}/b-1.0.tar.gz\" }}\n"
            ),
        ),
        (
            "pdm/pdm.lock",
            format!(
                "[metadata]\nlock_version = \"4.5.0\"\n\n[[package]]\nname = \"a\"\nversion = \"1.0\"\ngit = \"{url}.git\"\nrevision = \"0123\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0\"\nurl = \"{token}/b.whl\"\n"
            ),
        ),
        (
            "pylock/pylock.toml",
            format!(
                "lock-version = \"1.0\"\n[[packages]]\nname = \"a\"\nversion = \"1.0\"\nvcs = {{ type = \"git\", url = \"{url}.git\", commit-id = \"0123\" }}\n[[packages]]\nname = \"b\"\nversion = \"1.0\"\narchive = {{ url = \"{token}/b.zip\" }}\n"
            ),
        ),
        (
            "pipenv/Pipfile.lock",
            format!(
                r#"{{"_meta":{{"sources":[{{"name":"x","url":"{url}/simple"}}]}},"default":{{"a":{{"git":"{url}.git","ref":"0123"}},"b":{{"file":"{token}/b-1.0.tar.gz"}}}},"develop":{{}}}}"#
            ),
        ),
        (
            "bundler/Gemfile.lock",
            format!(
                "GIT\n  remote: {url}.git\n  revision: 0123456789abcdef\n  specs:\n    a (1.0)\n\nGEM\n  remote: {token}/\n  specs:\n    b (1.0)\n\nDEPENDENCIES\n  a!\n  b\n"
            ),
        ),
        (
            "composer/composer.lock",
            format!(
                r#"{{"packages":[{{"name":"o/a","version":"1.0","source":{{"type":"git","url":"{url}.git","reference":"0123"}},"dist":{{"type":"zip","url":"{token}/a.zip"}}}}],"packages-dev":[]}}"#
            ),
        ),
        (
            "dart/pubspec.lock",
            format!(
                "packages:\n  a:\n    dependency: \"direct main\"\n    description:\n      path: \".\"\n      ref: main\n      resolved-ref: \"0123456789abcdef\"\n      url: \"{url}.git\"\n    source: git\n    version: \"1.0.0\"\n  b:\n    dependency: transitive\n    description:\n      name: b\n      url: \"{token}\"\n    source: hosted\n    version: \"1.0.0\"\nsdks:\n  dart: \">=3.0.0\"\n"
            ),
        ),
        (
            "pods/Podfile.lock",
            format!(
                "PODS:\n  - A (1.0)\n\nDEPENDENCIES:\n  - A (from `{url}.git`)\n\nEXTERNAL SOURCES:\n  A:\n    :git: {url}.git\n\nCHECKOUT OPTIONS:\n  A:\n    :commit: 0123\n    :git: {token}.git\n\nCOCOAPODS: 1.15.0\n"
            ),
        ),
        (
            "swift/Package.resolved",
            format!(
                r#"{{"pins":[{{"identity":"a","kind":"remoteSourceControl","location":"{url}.git","state":{{"revision":"0123","version":"1.0.0"}}}}],"version":2}}"#
            ),
        ),
        ("mix/mix.lock", format!("%{{\n  \"a\": {{:git, \"{url}.git\", \"0123456789abcdef\", []}},\n}}\n")),
        (
            "rebar/rebar.lock",
            format!("{{\"1.2.0\",\n[{{<<\"a\">>,{{git,\"{url}.git\",{{ref,\"0123\"}}}},0}}]}}.\n"),
        ),
        (
            "stack/stack.yaml.lock",
            format!(
                "packages:\n- completed:\n    commit: 0123\n    git: {url}.git\n    name: a\n    version: '1.0'\n  original:\n    git: {url}.git\n    commit: 0123\nsnapshots: []\n"
            ),
        ),
        (
            "julia/Manifest.toml",
            format!(
                "julia_version = \"1.10.0\"\nmanifest_format = \"2.0\"\n\n[[deps.A]]\nuuid = \"0a1fb500-61f7-11e9-3c65-f5ef3456f9f0\"\nversion = \"1.0.0\"\nrepo-url = \"{url}.git\"\nrepo-rev = \"main\"\ngit-tree-sha1 = \"0123456789abcdef0123456789abcdef01234567\"\n"
            ),
        ),
        (
            "renv/renv.lock",
            format!(
                r#"{{"R":{{"Version":"4.3.0","Repositories":[{{"Name":"x","URL":"{url}"}}]}},"Packages":{{"a":{{"Package":"a","Version":"1.0","Source":"git","RemoteUrl":"{url}.git","RemoteSha":"0123"}}}}}}"#
            ),
        ),
        (
            "node/node_modules/x/package.json",
            format!(
                r#"{{"name":"x","version":"1.0.0","repository":"git+{url}.git","homepage":"{token}","_resolved":"git+{url}.git#0123"}}"#
            ),
        ),
        (
            "python/x-1.0.dist-info/METADATA",
            format!(
                "Metadata-Version: 2.1\nName: x\nVersion: 1.0\nHome-page: {url}\nProject-URL: Source, {token}\n"
            ),
        ),
        (
            "python/x-1.0.dist-info/direct_url.json",
            format!(r#"{{"url":"{url}.git","vcs_info":{{"vcs":"git","commit_id":"0123"}}}}"#),
        ),
        (
            "conda/conda-meta/a-1.0-0.json",
            format!(
                r#"{{"name":"a","version":"1.0","build":"0","channel":"{url}/main","url":"{token}/linux-64/a-1.0-0.conda","files":[]}}"#
            ),
        ),
        (
            "vcpkg/vcpkg.json",
            format!(r#"{{"name":"x","version":"1.0","homepage":"{url}","dependencies":["a"]}}"#),
        ),
        (
            "maven/pom.xml",
            format!(
                "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>a</artifactId><version>1</version><url>{url}</url><scm><url>{token}</url><connection>scm:git:{url}.git</connection></scm></project>"
            ),
        ),
        ("go/go.mod", format!("module example.org/x\n\ngo 1.22\n\nrequire {url} v1.0.0\n")),
        (
            "ci/.github/workflows/x.yml",
            format!(
                "jobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {url}@v1\n      - uses: actions/checkout@v4\n"
            ),
        ),
    ]
}

#[test]
fn no_login_of_any_address_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files() {
        let path = folder.path().join("app").join(name);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, text).expect("written");
    }
    let run = |arguments: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .env_clear()
            .current_dir(folder.path())
            .output()
            .expect("it starts");
        assert!(ran.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&ran.stderr));
        [ran.stdout, ran.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    };
    let formats = ["cyclonedx-json", "spdx-json", "spdx-tag-value", "table", "csv", "purls", "github-json"];
    let mut told = Vec::new();
    for arguments in formats.iter().map(|format| vec!["scan", "app", "-v", "-o", *format]).chain([
        vec!["check", "app", "--explain"],
        vec!["notices", "app"],
        vec!["tree", "app"],
    ]) {
        for out in run(&arguments) {
            for line in out.lines().filter(|line| line.contains(PASSWORD)) {
                told.push(format!("{}: {}", arguments.join(" "), line.trim()));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
    // And there was something to say.
    let [list, _] = run(&["scan", "app", "-o", "cyclonedx-json"]);
    assert!(list.matches("git.example.org").count() > 20, "{}", list.matches("git.example.org").count());
}
