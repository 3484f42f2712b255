//! Images in registries: a real one, with TLS and a password, and one that does what no real one would do on demand.

mod common;
#[path = "registry/fake.rs"]
mod fake;
#[path = "registry/real.rs"]
mod real;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{Image, Layer, Packing, sha256};
use fake::{Asked, Fake, Reply};
use packlist::source::registry::{
    Credentials, Login, Reference, Referrers, Registry, RegistryOptions, Secret,
};
use packlist::source::{Digest, HttpOptions};
use real::{PASSWORD, Real, USER};
use serde_json::{Value, json};
use tempfile::TempDir;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

const LISTED: &[&str] = &[
    "pkg:deb/debian/bash@5.2-1?arch=amd64&distro=debian-12",
    "pkg:deb/debian/curl@7.88-2?arch=amd64&distro=debian-12",
];

fn image() -> Image {
    let os = b"ID=debian\nVERSION_ID=12\n".as_slice();
    let package = |name: &str, version: &str| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    let status = package("bash", "5.2-1") + &package("curl", "7.88-2");
    let ballast: Vec<u8> =
        (0..400_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    Image::of(vec![
        Layer::of(&[("usr/lib/os-release", os), ("opt/ballast", &ballast)]),
        Layer::of(&[("var/lib/dpkg/status", status.as_bytes())]),
    ])
}

/// What one run came to.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    fn lists_all(&self) {
        assert_eq!(self.code, Some(0), "{}", self.err);
        assert_eq!(self.out.lines().collect::<Vec<_>>(), LISTED, "{}", self.err);
    }

    fn refused(&self, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (Some(2), ""), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
        assert!(!self.err.contains(PASSWORD), "a password was told: {}", self.err);
    }
}

struct Desk {
    home: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { home: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self) -> &Path {
        self.home.path()
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_packlist"))
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("HOME", self.path())
            .envs(environment.iter().copied())
            .output()
            .expect("the program starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn scan(&self, image: &str) -> Ran {
        self.run(&["scan", image, "--no-cache", "-o", "purls"], &[])
    }

    fn login(&self, registry: &str, user: &str, password: &str) {
        let auth = base64(&format!("{user}:{password}"));
        self.config(&json!({"auths": {registry: {"auth": auth}}}));
    }

    fn config(&self, config: &Value) {
        let folder = self.path().join(".docker");
        fs::create_dir_all(&folder).expect("writable");
        fs::write(folder.join("config.json"), config.to_string()).expect("writable");
    }
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut written = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits =
            three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            written.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    written
}

/// An image as a registry serves it: what it answers under `/v2/team/app/`.
struct Shelf {
    blobs: BTreeMap<String, Vec<u8>>,
    manifest: String,
    layers: Vec<String>,
}

impl Shelf {
    fn of(image: &Image) -> Arc<Self> {
        let files = image.oci_files(Packing::Gzip);
        let index: Value = serde_json::from_slice(&files[1].1).expect("an index");
        let manifest = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
        let blobs: BTreeMap<String, Vec<u8>> =
            files[2..].iter().map(|(_, bytes)| (sha256(bytes), bytes.clone())).collect();
        let parsed: Value = serde_json::from_slice(&blobs[&manifest]).expect("a manifest");
        let layers = parsed["layers"].as_array().expect("a list").iter();
        let layers = layers.map(|layer| layer["digest"].as_str().expect("a digest").to_owned()).collect();
        Arc::new(Self { blobs, manifest, layers })
    }

    fn answer(&self, asked: &Asked) -> Reply {
        let path = asked.path.strip_prefix("/v2/team/app/").unwrap_or_default();
        let digest = match path.split_once('/') {
            Some(("manifests", "1")) => self.manifest.as_str(),
            Some((_, digest)) => digest,
            None => "",
        };
        match self.blobs.get(digest) {
            Some(bytes) if path.starts_with("manifests/") => Reply::of(200, bytes.clone())
                .with("Content-Type", MANIFEST)
                .with("Docker-Content-Digest", digest),
            Some(bytes) => Reply::of(200, bytes.clone()),
            None => {
                Reply::of(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
            }
        }
    }
}

/// A registry with [`image`], and an answer of its own where the test has one.
fn fake(
    special: impl Fn(&Shelf, &Asked) -> Option<Reply> + Send + Sync + 'static,
) -> (Fake, Arc<Shelf>, String) {
    let shelf = Shelf::of(&image());
    let served = Arc::clone(&shelf);
    let fake = Fake::new(move |asked| special(&served, asked).unwrap_or_else(|| served.answer(asked)));
    let name = format!("{}/team/app:1", fake.address);
    (fake, shelf, name)
}

#[test]
fn a_real_registry_is_read_by_tag_and_digest_with_every_way_to_log_in() {
    let Some(real) = Real::start() else { return };
    let desk = Desk::new();
    image().oci_folder(&desk.path().join("layout"), Packing::Gzip);
    let name = real.push(&desk.path().join("layout"), "team/app:1", &[]);
    let ca = real.ca().display().to_string();
    let scan = |image: &str, more: &[&str], environment: &[(&str, &str)]| {
        let arguments = ["scan", image, "--no-cache", "-o", "purls", "--ca-file", &ca];
        desk.run(&[&arguments, more].concat(), environment)
    };
    scan(&name, &[], &[]).refused(&["just anybody", "team/app", "docker login"]);
    let login = [("PACKLIST_REGISTRY_USER", USER), ("PACKLIST_REGISTRY_PASSWORD", PASSWORD)];
    scan(&name, &[], &login).lists_all();
    scan(&format!("docker://{name}"), &[], &login).lists_all();
    scan(&format!("registry:{name}"), &[], &login).lists_all();
    let wrong = [("PACKLIST_REGISTRY_USER", USER), ("PACKLIST_REGISTRY_PASSWORD", "wrong")];
    scan(&name, &[], &wrong).refused(&["`tester`", "password"]);
    desk.run(&["scan", &name, "--no-cache"], &login).refused(&["certificate", "--ca-file"]);
    scan(&name, &["--offline"], &login).refused(&["--offline"]);
    scan(&name.replace(":1", ":2"), &[], &login).refused(&["neither", "team/app:2", "spelling"]);
    scan(&name, &["--platform", "linux/s390x"], &login).lists_all();

    desk.login(&format!("https://{}/v2/", real.address), USER, PASSWORD);
    scan(&name, &[], &[]).lists_all();
    let document = desk.run(&["scan", &name, "--no-cache", "-o", "cyclonedx-json", "--ca-file", &ca], &[]);
    let document: Value = serde_json::from_str(&document.out).expect("a document");
    let subject = &document["metadata"]["component"];
    assert_eq!(subject["name"], name, "{subject}");
    let index: Value =
        serde_json::from_slice(&fs::read(desk.path().join("layout/index.json")).expect("there"))
            .expect("JSON");
    let digest = index["manifests"][0]["digest"].as_str().expect("a digest");
    assert!(subject["purl"].as_str().is_some_and(|purl| purl.contains(&digest[7..])), "{subject}");
    scan(&format!("{}/team/app@{digest}", real.address), &[], &[]).lists_all();
    scan(&format!("{name}@{digest}"), &[], &[]).lists_all();
    let other = sha256(b"another");
    scan(&format!("{}/team/app@{other}", real.address), &[], &[]).refused(&["neither", "sha256:"]);
}

#[test]
fn a_layer_that_breaks_off_is_taken_up_where_it_broke() {
    let (fake, shelf, name) = fake(|shelf, asked| {
        let bytes =
            shelf.blobs.get(asked.path.rsplit('/').next()?).filter(|_| asked.path.contains("/blobs/"))?;
        if asked.before < 2 && bytes.len() > 100_000 {
            let begins = asked.begins();
            let rest = bytes[begins..].to_vec();
            let half = rest.len() / 2;
            return Some(match begins {
                0 => Reply::of(200, rest).cut(half),
                _ => Reply::of(206, rest)
                    .cut(half)
                    .with("Content-Range", format!("bytes {begins}-{}/{}", bytes.len() - 1, bytes.len())),
            });
        }
        let begins = asked.begins();
        let range = format!("bytes {begins}-{}/{}", bytes.len() - 1, bytes.len());
        (begins > 0).then(|| Reply::of(206, bytes[begins..].to_vec()).with("Content-Range", range))
    });
    Desk::new().scan(&name).lists_all();
    let ranges: Vec<usize> =
        fake.log().iter().filter(|asked| asked.path.ends_with(&shelf.layers[0])).map(Asked::begins).collect();
    let length = shelf.blobs[&shelf.layers[0]].len();
    assert_eq!(ranges, [0, length / 2, length / 2 + (length - length / 2) / 2]);
}

#[test]
fn a_registry_without_ranges_gives_the_layer_again() {
    let (fake, shelf, name) = fake(|shelf, asked| {
        let is_layer = asked.path.ends_with(&shelf.layers[0]);
        (is_layer && asked.before == 0).then(|| shelf.answer(asked).cut(200_000))
    });
    Desk::new().scan(&name).lists_all();
    assert_eq!(fake.count("GET", &shelf.layers[0]), 2);
}

#[test]
fn a_layer_that_never_comes_whole_is_no_layer() {
    let (_fake, _, name) = fake(|shelf, asked| {
        let is_layer = asked.path.ends_with(&shelf.layers[0]);
        is_layer.then(|| if asked.begins() == 0 { shelf.answer(asked).cut(1000) } else { Reply::of(503, "") })
    });
    Desk::new().scan(&name).refused(&["503"]);
}

#[test]
fn a_layer_that_is_not_what_its_digest_says_is_refused_with_both_digests() {
    let other = Image::of(vec![Layer::of(&[("etc/os-release", b"ID=alpine\n")])]);
    let wrong = Shelf::of(&other);
    let bytes = wrong.blobs[&wrong.layers[0]].clone();
    let found = sha256(&bytes);
    let (_fake, shelf, name) = fake(move |shelf, asked| {
        let length = shelf.blobs[&shelf.layers[1]].len();
        let mut bytes = bytes.clone();
        bytes.resize(length, 0);
        asked.path.ends_with(&shelf.layers[1]).then(|| Reply::of(200, bytes))
    });
    let ran = Desk::new().scan(&name);
    ran.refused(&[&shelf.layers[1], "digest"]);
    assert!(!ran.err.contains(&found), "it was filled up to the right length");
}

#[test]
fn a_layer_of_another_length_is_refused() {
    for more in [-10_i64, 10] {
        let (_fake, shelf, name) = fake(move |shelf, asked| {
            let mut bytes = shelf.blobs[&shelf.layers[0]].clone();
            bytes.resize((bytes.len() as i64 + more) as usize, 0);
            let begins = asked.begins().min(bytes.len());
            let reply = match begins {
                0 => Reply::of(200, bytes),
                begins if begins == bytes.len() => Reply::of(416, ""),
                _ => return None,
            };
            asked.path.ends_with(&shelf.layers[0]).then_some(reply)
        });
        Desk::new().scan(&name).refused(&[&shelf.layers[0], "not as long"]);
    }
}

#[test]
fn a_manifest_whose_digest_lies_is_refused() {
    let (_fake, shelf, name) = fake(|shelf, asked| {
        let lie = shelf.answer(asked).with("X", "");
        let lie = Reply { headers: Vec::new(), ..lie }
            .with("Content-Type", MANIFEST)
            .with("Docker-Content-Digest", shelf.layers[0].clone());
        asked.path.ends_with("/manifests/1").then_some(lie)
    });
    Desk::new().scan(&name).refused(&[&shelf.layers[0], &shelf.manifest, "not what its digest says"]);
}

#[test]
fn who_is_asked_too_often_is_asked_again_later_and_not_too_often() {
    let (fake, _, name) = fake(|_, asked| {
        let again = asked.path.ends_with("/manifests/1") && asked.before == 0;
        again.then(|| Reply::of(429, "").with("Retry-After", "1"))
    });
    let begun = std::time::Instant::now();
    Desk::new().scan(&name).lists_all();
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1));
    assert_eq!(fake.count("GET", "/manifests/1"), 2);
}

#[test]
fn who_asks_for_an_hour_is_not_waited_for() {
    let (fake, _, name) = fake(|_, asked| {
        asked.path.ends_with("/manifests/1").then(|| Reply::of(429, "").with("Retry-After", "3600"))
    });
    Desk::new().scan(&name).refused(&["too often", "3600", "--registry-mirror"]);
    assert_eq!(fake.count("GET", "/manifests/1"), 1);
}

#[test]
fn a_token_is_fetched_once_for_all_layers_and_again_when_it_is_over() {
    let (fake, shelf, name) = fake(|shelf, asked| {
        if asked.path.starts_with("/token?") {
            let token = format!("token{}", asked.before);
            let wanted = format!("Basic {}", base64("me:secret"));
            return Some(match asked.header("authorization") {
                Some(who) if who == wanted => Reply::of(200, json!({"access_token": token}).to_string()),
                _ => Reply::of(401, ""),
            });
        }
        // The first token is over when layers are asked for.
        let accepted = if asked.path.contains("/blobs/") {
            ["Bearer token1"; 2]
        } else {
            ["Bearer token0", "Bearer token1"]
        };
        let is_accepted = asked.header("authorization").is_some_and(|who| accepted.contains(&who));
        let challenge = format!(
            "Bearer realm=\"http://{}/token\",service=\"here\",scope=\"repository:team/app:pull\"",
            asked.header("host").unwrap_or_default()
        );
        (!is_accepted)
            .then(|| Reply::of(401, "").with("WWW-Authenticate", challenge))
            .or_else(|| Some(shelf.answer(asked)))
    });
    let desk = Desk::new();
    desk.login(&fake.address, "me", "secret");
    desk.scan(&name).lists_all();
    let tokens = fake.count("GET", "/token?service=here&scope=repository%3Ateam%2Fapp%3Apull");
    assert!((2..=4).contains(&tokens), "{tokens} tokens for {} blobs", shelf.blobs.len());
    desk.login(&fake.address, "me", "wrong");
    desk.scan(&name).refused(&["`me`", "config.json"]);
}

#[test]
fn an_identity_gets_its_token_by_a_form() {
    let (fake, _, name) = fake(|shelf, asked| {
        if asked.path == "/token" {
            let form = String::from_utf8_lossy(&asked.body).into_owned();
            let right = form.contains("grant_type=refresh_token") && form.contains("refresh_token=identity");
            return Some(if right && asked.method == "POST" {
                Reply::of(200, r#"{"token": "t"}"#)
            } else {
                Reply::of(401, "")
            });
        }
        let challenge = format!("Bearer realm=\"http://{}/token\"", asked.header("host").unwrap_or_default());
        let is_accepted = asked.header("authorization") == Some("Bearer t");
        Some(if is_accepted {
            shelf.answer(asked)
        } else {
            Reply::of(401, "").with("WWW-Authenticate", challenge)
        })
    });
    let desk = Desk::new();
    desk.config(&json!({"auths": {&fake.address: {"auth": "PHRva2VuPjo=", "identitytoken": "identity"}}}));
    desk.scan(&name).lists_all();
}

#[test]
fn whoever_a_registry_leads_to_is_not_told_who_asks() {
    let elsewhere = Shelf::of(&image());
    let store = Fake::new(move |asked| {
        let digest = asked.path.rsplit('/').next().unwrap_or_default();
        elsewhere.blobs.get(digest).map_or(Reply::of(404, ""), |bytes| Reply::of(200, bytes.clone()))
    });
    let address = store.address.clone();
    let (fake, shelf, name) = fake(move |shelf, asked| {
        if asked.header("authorization").is_none() {
            return Some(Reply::of(401, "").with("WWW-Authenticate", "Basic realm=\"x\""));
        }
        let digest = asked.path.strip_prefix("/v2/team/app/blobs/")?;
        shelf
            .layers
            .iter()
            .any(|layer| layer == digest)
            .then(|| Reply::of(307, "").with("Location", format!("http://{address}/store/{digest}")))
    });
    let desk = Desk::new();
    desk.login(&fake.address, "me", "secret");
    desk.scan(&name).lists_all();
    assert_eq!(store.log().len(), shelf.layers.len());
    for asked in store.log() {
        assert_eq!(asked.header("authorization"), None, "{asked:?}");
    }
}

/// A registry may repeat what it was told, in errors and in addresses.
#[test]
fn a_login_is_told_to_the_registry_and_to_nobody_else() {
    const SECRET: &str = "hunterNr22aBcDeFgH";
    const TOKEN: &str = "token4kXq9ZsLw2";
    let basic = base64(&format!("me:{SECRET}"));
    for turn in ["as it should", "forbids", "leads elsewhere", "denies"] {
        let repeated = format!("{SECRET} {basic} {TOKEN}");
        let (fake, _, name) = fake(move |shelf, asked| {
            if asked.path.starts_with("/token") {
                return Some(Reply::of(200, json!({"token": TOKEN}).to_string()));
            }
            if asked.header("authorization") != Some(&format!("Bearer {TOKEN}")) {
                let realm =
                    format!("Bearer realm=\"http://{}/token\"", asked.header("host").unwrap_or_default());
                return Some(Reply::of(401, repeated.clone()).with("WWW-Authenticate", realm));
            }
            let is_blob = asked.path.contains("/blobs/");
            match turn {
                "forbids" => Some(Reply::of(403, repeated.clone())),
                "denies" => {
                    let error = json!({"errors": [{"code": "DENIED", "message": repeated}]});
                    Some(Reply::of(404, error.to_string()))
                }
                "leads elsewhere" if is_blob => {
                    let address = format!("http://me:{SECRET}@127.0.0.1:1/blob?signature={TOKEN}");
                    Some(Reply::of(307, "").with("Location", address))
                }
                _ => Some(shelf.answer(asked)),
            }
        });
        let desk = Desk::new();
        desk.login(&fake.address, "me", SECRET);
        let ran = desk.run(
            &["scan", &name, "--verbose", "--cache", "kept", "-o", "cyclonedx-json=list", "-o", "table"],
            &[],
        );
        assert_eq!(ran.code, Some(if turn == "as it should" { 0 } else { 2 }), "{turn}: {}", ran.err);
        let mut told = vec![("output".to_owned(), ran.out), ("notes".to_owned(), ran.err)];
        for file in walkdir::WalkDir::new(desk.path()).into_iter().filter_map(Result::ok) {
            if file.file_type().is_file() && !file.path().ends_with("config.json") {
                let bytes = fs::read(file.path()).expect("a file");
                told.push((file.path().display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
            }
        }
        for (place, text) in told {
            for secret in [SECRET, &basic, TOKEN] {
                assert!(!text.contains(secret), "{turn}: {place} tells `{secret}`: {text}");
            }
        }
    }
}

#[test]
fn a_mirror_is_asked_first_and_the_registry_when_it_fails() {
    let (origin, _, name) = fake(|_, _| None);
    let broken = Fake::new(|_| Reply::of(404, ""));
    let (working, _, _) = fake(|shelf, asked| {
        let path = asked.path.strip_prefix("/v2/cache/")?;
        Some(shelf.answer(&Asked { path: format!("/v2/{path}"), ..asked.clone() }))
    });
    let desk = Desk::new();
    let scan = |mirror: String| {
        let mirror = format!("{}={mirror}", origin.address);
        desk.run(&["scan", &name, "--no-cache", "-o", "purls", "--registry-mirror", &mirror], &[])
    };
    let served = scan(format!("{}/cache", working.address));
    served.lists_all();
    assert!(!served.err.contains("passed over"), "{}", served.err);
    assert!(origin.log().iter().all(|asked| !asked.path.contains("/team/")), "{:?}", origin.log());
    let passed_over = scan(broken.address.clone());
    passed_over.lists_all();
    assert!(!broken.log().is_empty() && !origin.log().is_empty());
    let told = format!("note: the mirror `{}` was passed over: ", broken.address);
    assert_eq!(passed_over.err.matches(&told).count(), 1, "{}", passed_over.err);
}

#[test]
fn a_layer_that_is_kept_is_not_fetched() {
    let (fake, shelf, name) = fake(|_, _| None);
    let desk = Desk::new();
    for _ in 0..2 {
        desk.run(&["scan", &name, "-o", "purls"], &[]).lists_all();
    }
    for layer in &shelf.layers {
        assert_eq!(fake.count("GET", layer), 1);
    }
}

#[test]
fn of_an_index_only_the_platform_that_is_asked_for_is_fetched() {
    let shelf = Shelf::of(&image());
    let entry = |architecture: &str, digest: &str| json!({"mediaType": MANIFEST, "digest": digest, "size": 1, "platform": {"os": "linux", "architecture": architecture}});
    let other = sha256(b"not there");
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
        entry("arm64", &other), entry("amd64", &shelf.manifest), entry("unknown", &other),
    ]})
    .to_string();
    let (fake, _, name) = fake(move |_, asked| {
        asked
            .path
            .ends_with("/manifests/1")
            .then(|| Reply::of(200, index.clone()).with("Content-Type", INDEX))
    });
    let ran = Desk::new().scan(&name);
    ran.lists_all();
    assert!(ran.err.contains("linux/arm64"), "{}", ran.err);
    assert_eq!(fake.count("GET", &other), 0);
    let ran = Desk::new().run(&["scan", &name, "--platform", "linux/s390x"], &[]);
    ran.refused(&["linux/s390x", "linux/amd64", "--platform linux/arm64"]);
}

/// An image for two platforms, whose first layer is the same.
fn for_two_platforms(folder: &Path) {
    let status = |version: &str, more: &str| {
        format!(
            "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n{more}"
        )
    };
    let bash = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2-1\n\n";
    let other = |status: String| {
        let mut image = image();
        image.layers[1] = Layer::of(&[("var/lib/dpkg/status", status.as_bytes())]);
        image
    };
    let mut entries = Vec::new();
    for (architecture, image) in
        [("amd64", other(status("7.88-2", bash))), ("arm64", other(status("7.88-1", "")))]
    {
        image.oci_folder(folder, Packing::Gzip);
        let mut index: Value =
            serde_json::from_slice(&fs::read(folder.join("index.json")).expect("there")).expect("JSON");
        let mut entry = index["manifests"][0].take();
        // The config says what it is for; the test's images are all for amd64.
        entry["platform"] = json!({"os": "linux", "architecture": architecture});
        let path =
            |digest: &Value| folder.join("blobs/sha256").join(&digest.as_str().expect("a digest")[7..]);
        let mut manifest: Value =
            serde_json::from_slice(&fs::read(path(&entry["digest"])).expect("there")).expect("JSON");
        let config = fs::read_to_string(path(&manifest["config"]["digest"]))
            .expect("there")
            .replace("amd64", architecture);
        let put = |bytes: &str| {
            fs::write(path(&json!(sha256(bytes.as_bytes()))), bytes).expect("writable");
            (json!(sha256(bytes.as_bytes())), json!(bytes.len()))
        };
        (manifest["config"]["digest"], manifest["config"]["size"]) = put(&config);
        (entry["digest"], entry["size"]) = put(&manifest.to_string());
        entry["annotations"] = json!(null);
        entries.push(entry);
    }
    let nested = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).to_string();
    fs::write(folder.join("blobs/sha256").join(&sha256(nested.as_bytes())[7..]), &nested).expect("writable");
    let top = json!({"schemaVersion": 2, "manifests": [{
        "mediaType": INDEX, "digest": sha256(nested.as_bytes()), "size": nested.len(),
        "annotations": {"org.opencontainers.image.ref.name": "1"},
    }]});
    fs::write(folder.join("index.json"), top.to_string()).expect("writable");
}

fn all_platforms(desk: &Desk, source: &str, more: &[&str]) {
    let arguments = ["scan", source, "--no-cache", "--all-platforms", "-o", "purls=app-{platform}.purls"];
    let ran = desk.run(&[&arguments, more].concat(), &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let line =
        |words: &[&str]| ran.out.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == words);
    assert!(line(&["package", "linux/amd64", "linux/arm64"]), "{}", ran.out);
    assert!(line(&["pkg:deb/debian/curl", "7.88-2", "7.88-1"]), "{}", ran.out);
    assert!(line(&["pkg:deb/debian/bash", "5.2-1", "missing"]), "{}", ran.out);
    let list = |name: &str| fs::read_to_string(desk.path().join(name)).expect("written");
    assert_eq!(list("app-linux-amd64.purls").lines().collect::<Vec<_>>(), LISTED);
    assert_eq!(list("app-linux-arm64.purls").lines().count(), 1);
    fs::remove_file(desk.path().join("app-linux-arm64.purls")).expect("there");
}

#[test]
fn every_platform_has_a_list_and_what_they_share_is_fetched_once() {
    let desk = Desk::new();
    let layout = desk.path().join("layout");
    for_two_platforms(&layout);
    all_platforms(&desk, &layout.display().to_string(), &[]);
    let name = desk.run(&["scan", "layout", "--all-platforms", "-o", "purls=app.purls"], &[]);
    name.refused(&["{platform}"]);
    desk.run(&["scan", "dir:layout", "--all-platforms"], &[]).refused(&["--all-platforms"]);

    let folder = layout.clone();
    let top: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).expect("there")).expect("JSON");
    let top = top["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    let fake = Fake::new(move |asked| {
        let (kind, digest) = asked
            .path
            .strip_prefix("/v2/team/app/")
            .and_then(|path| path.split_once('/'))
            .unwrap_or_default();
        let digest = if digest == "1" { &top } else { digest };
        let bytes = fs::read(folder.join("blobs/sha256").join(digest.trim_start_matches("sha256:")));
        let kind = match kind {
            "manifests" if *digest == *top => INDEX,
            "manifests" => MANIFEST,
            _ => "application/octet-stream",
        };
        bytes.map_or(Reply::of(404, ""), |bytes| Reply::of(200, bytes).with("Content-Type", kind))
    });
    all_platforms(&desk, &format!("{}/team/app:1", fake.address), &[]);
    let blobs: Vec<String> =
        fake.log().into_iter().map(|asked| asked.path).filter(|path| path.contains("/blobs/")).collect();
    let unique: std::collections::BTreeSet<&String> = blobs.iter().collect();
    assert_eq!(
        (blobs.len(), unique.len()),
        (5, 5),
        "two configs, two layers, and one that both have: {blobs:?}"
    );
    if let Some(real) = Real::start() {
        desk.login(&real.address, USER, PASSWORD);
        let name = real.push(&layout, "team/app:1", &["--all"]);
        all_platforms(&desk, &name, &["--ca-file", &real.ca().display().to_string()]);
    }
}

#[test]
fn what_is_pushed_is_there_and_can_be_listed() {
    let Some(real) = Real::start() else { return };
    let login = Login::Password { user: USER.to_owned(), password: Secret::new(PASSWORD) };
    let options = |login: Option<Login>| {
        let credentials = Credentials::default();
        let credentials = match login {
            Some(login) => credentials.with_login(login, Arc::default()),
            None => credentials,
        };
        let http = HttpOptions { ca_file: Some(real.ca()), ..HttpOptions::default() };
        RegistryOptions { http, credentials, ..RegistryOptions::default() }
    };
    let registry = Registry::new(options(Some(login))).expect("a certificate");
    let name = Reference::parse(&format!("{}/team/app:1", real.address)).expect("a name");
    assert_eq!(registry.manifest_head(&name).expect("asked"), None);
    let shelf = Shelf::of(&image());
    for (digest, bytes) in shelf.blobs.iter().filter(|(digest, _)| **digest != shelf.manifest) {
        for _ in 0..2 {
            assert_eq!(registry.put_blob(&name, bytes).expect("pushed").to_string(), *digest);
        }
        let digest = Digest::parse(digest).expect("a digest");
        assert_eq!(registry.blob_bytes(&name, &digest, 10_000_000).expect("there"), *bytes);
        assert!(registry.blob_bytes(&name, &digest, 10).is_err(), "it is longer");
    }
    let manifest = &shelf.blobs[&shelf.manifest];
    let written = registry.put_manifest(&name, MANIFEST, manifest).expect("pushed");
    assert_eq!(written.digest.to_string(), shelf.manifest);
    let head = registry.manifest_head(&name).expect("asked").expect("there");
    assert_eq!((head.media_type.as_str(), head.digest.as_ref()), (MANIFEST, Some(&written.digest)));
    assert_eq!(registry.manifest(&name).expect("there").bytes, *manifest);

    // This registry keeps no lists of referrers: who pushes keeps them under a tag.
    let none = registry.referrers(&name, &written.digest).expect("asked");
    assert_eq!((none.manifests.len(), none.by_registry, written.knows_subject), (0, false, false));
    let about = json!({"mediaType": MANIFEST, "digest": shelf.manifest, "size": manifest.len(), "artifactType": "x/y"});
    let list = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [about]}).to_string();
    let tag = name.with_tag(&Referrers::tag(&written.digest));
    registry.put_manifest(&tag, INDEX, list.as_bytes()).expect("pushed");
    let found = registry.referrers(&name, &written.digest).expect("asked");
    assert_eq!(found.manifests[0].artifact_type.as_deref(), Some("x/y"));

    let stranger = Registry::new(options(None)).expect("a certificate");
    let error = stranger.put_blob(&name, b"x").expect_err("nobody");
    assert!(error.to_string().contains("write") && error.help().is_some(), "{error}");
}

#[test]
fn a_list_of_referrers_is_read_to_its_last_page() {
    let entry = |name: &str| json!({"mediaType": MANIFEST, "digest": sha256(name.as_bytes()), "size": 1, "artifactType": name});
    let page =
        move |name: &str| Reply::of(200, json!({"schemaVersion": 2, "manifests": [entry(name)]}).to_string());
    let fake = Fake::new(move |asked| match asked.path.split_once('?') {
        None if asked.path.contains("/referrers/") => {
            page("one").with("Link", format!("<{}?n=1>; rel=\"next\"", asked.path))
        }
        Some((_, "n=1")) => page("two"),
        _ => Reply::of(404, ""),
    });
    let registry = Registry::new(RegistryOptions::default()).expect("no certificate to read");
    let name = Reference::parse(&format!("{}/team/app:1", fake.address)).expect("a name");
    let found = registry.referrers(&name, &Digest::sha256(b"")).expect("asked");
    let types: Vec<_> = found.manifests.iter().filter_map(|one| one.artifact_type.as_deref()).collect();
    assert_eq!((types, found.by_registry), (vec!["one", "two"], true));
}

#[test]
fn programs_are_run_only_if_they_may_be() {
    let (fake, _, name) = fake(|_, asked| {
        let wanted = format!("Basic {}", base64("me:secret"));
        let is_accepted = asked.header("authorization") == Some(&wanted);
        (!is_accepted).then(|| Reply::of(401, "").with("WWW-Authenticate", "Basic realm=\"x\""))
    });
    let desk = Desk::new();
    desk.config(&json!({"credHelpers": {&fake.address: "test"}}));
    let bin = desk.path().join("bin");
    fs::create_dir_all(&bin).expect("writable");
    let program = bin.join("docker-credential-test");
    let script = "#!/bin/sh\nread server\ntouch \"$HOME/was-run\"\nprintf '{\"ServerURL\":\"%s\",\"Username\":\"me\",\"Secret\":\"secret\"}' \"$server\"\n";
    fs::write(&program, script).expect("writable");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("ours");
    }
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let scan = |more: &[&str]| {
        let arguments = ["scan", &name, "--no-cache", "-o", "purls"];
        desk.run(&[&arguments, more].concat(), &[("PATH", &path)])
    };
    scan(&[]).refused(&["docker-credential-test", "--credential-helpers"]);
    assert!(!desk.path().join("was-run").exists());
    if cfg!(unix) {
        scan(&["--credential-helpers"]).lists_all();
    }
}

#[test]
fn what_looks_like_a_file_is_not_asked_for_anywhere() {
    let desk = Desk::new();
    desk.run(&["scan", "app.tar"], &[]).refused(&["app.tar", "No such file", "docker://"]);
    desk.run(&["scan", "./app"], &[]).refused(&["./app", "No such file"]);
    desk.run(&["scan", "docker://App"], &[]).refused(&["`App` is no name of an image"]);
    desk.run(&["scan", "alpine:3.20", "--offline"], &[]).refused(&["alpine:3.20", "--offline"]);
}
