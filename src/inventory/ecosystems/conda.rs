//! `conda-meta/*.json`: packages that conda, mamba or micromamba installed into an environment.
//!
//! One file a package, with the archive it came from, its files and their digests. A file may have another
//! digest than in the archive: conda writes the environment's path into it, and records both. What somebody
//! asked for has `requested_spec`.
//! Spec: <https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/install.html>

use super::super::claims::declared;
use super::super::json;
use super::super::lines::Lines;
use super::super::value::Value;
use super::super::{Ecosystem, File, Need, OwnedFile, Package, ParseError, Parsed, Problem, Problems};
use crate::bom::{Component, Hash, HashAlgorithm, Purl};
use crate::layers::{Tree, clean, parent};
use crate::licenses::Dialect;

pub(super) const ECOSYSTEM: Ecosystem = Ecosystem {
    name: "conda",
    about: "packages installed by conda",
    reads: &["**/conda-meta/*.json"],
    beside: &[],
    spec: "https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/install.html",
    parse,
    enrich: files,
};

fn parse(file: &File<'_>, _: &Tree) -> Result<Parsed, ParseError> {
    let text = file.text();
    let record = json::parse(&text)?;
    let lines = Lines::of(&text);
    let (Some(name), Some(version)) = (record.field("name"), record.field("version")) else {
        return Err(ParseError::new(None, "has no `name` or no `version`"));
    };
    let line =
        record.members().iter().find(|member| member.key == "name").map(|member| lines.line(member.at));
    let mut component = Component::new(name);
    component.version = Some(version.to_owned());
    let purl = Purl::new("conda", None, name, Some(version), &qualifiers(&record));
    component.purl = Some(purl.map_err(|error| ParseError::new(line, error.to_string()))?);
    component.download = record.field("url").map(str::to_owned);
    component.licenses.extend(record.field("license").and_then(|text| declared(text, Dialect::Generic)));
    for algorithm in [HashAlgorithm::Md5, HashAlgorithm::Sha256] {
        let key = if algorithm == HashAlgorithm::Md5 { "md5" } else { "sha256" };
        component.hashes.extend(record.field(key).and_then(|hex| Hash::from_hex(algorithm, hex)));
    }
    component.asked_for = record.field("requested_spec").is_some_and(|spec| spec != "None")
        || record.texts("requested_specs").next().is_some();
    let address = |name: &str| format!("conda:{}:{name}", environment(file));
    let mut package = Package::new(component);
    package.line = line;
    package.addresses = vec![address(name)];
    // Names with two underscores are of the machine: `__glibc`.
    let names = record.texts("depends").filter_map(|need| need.split_whitespace().next());
    let names =
        names.map(|name| name.rsplit("::").next().unwrap_or(name)).filter(|name| !name.starts_with("__"));
    package.needs = Some(names.map(|name| Need::of(address(&bare(name)))).collect());
    Ok(Parsed { packages: vec![package].into(), problems: Problems::new() })
}

/// `numpy>=1.2` without a blank is in use too.
fn bare(name: &str) -> String {
    name.split(['=', '<', '>', '!', '[']).next().unwrap_or_default().to_owned()
}

fn environment<'a>(file: &File<'a>) -> &'a str {
    parent(file.folder())
}

fn qualifiers<'a>(record: &'a Value<'_>) -> Vec<(&'static str, &'a str)> {
    let subdir = record.field("subdir").unwrap_or_default();
    let archive = record.field("fn").or_else(|| record.field("url")).unwrap_or_default();
    let kind = ["conda", "tar.bz2"].into_iter().find(|kind| archive.ends_with(&format!(".{kind}")));
    vec![
        ("build", record.field("build").or_else(|| record.field("build_string")).unwrap_or_default()),
        ("channel", channel(record.field("channel").unwrap_or_default(), subdir)),
        ("subdir", subdir),
        ("type", kind.unwrap_or_default()),
    ]
}

/// `https://conda.anaconda.org/conda-forge/linux-64` and `pkgs/main/linux-64` are the channels `conda-forge`
/// and `main`.
fn channel<'a>(channel: &'a str, subdir: &str) -> &'a str {
    let channel = channel.trim_end_matches('/');
    let channel = channel.strip_suffix(subdir).filter(|_| !subdir.is_empty()).unwrap_or(channel);
    channel.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Its files with the digests they have in this environment.
fn files(package: &mut Package, file: &File<'_>, _: &Tree) -> Vec<Problem> {
    let text = file.text();
    let Ok(record) = json::parse(&text) else { return Vec::new() };
    let prefix = environment(file);
    let place = |path: &str| clean(format!("{prefix}/{path}").as_bytes());
    let digest = |entry: &Value<'_>| {
        let hex = entry.field("sha256_in_prefix").or_else(|| entry.field("sha256"))?;
        Hash::from_hex(HashAlgorithm::Sha256, hex)
    };
    let paths = record.get("paths_data").and_then(|data| data.get("paths")).map_or(&[][..], Value::items);
    package.files = paths
        .iter()
        .filter_map(|entry| {
            Some(OwnedFile { path: place(entry.field("_path")?)?.into(), digest: digest(entry) })
        })
        .collect();
    if package.files.is_empty() {
        let listed = record.texts("files").filter_map(place);
        package.files = listed.map(|path| OwnedFile { path: path.into(), digest: None }).collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::super::testing::{check, owned};
    use super::*;

    const PIP: &str = r#"{
  "build": "py38h06a4308_0",
  "channel": "https://repo.anaconda.com/pkgs/main/linux-64",
  "depends": ["python >=3.8,<3.9.0a0", "setuptools", "__glibc >=2.17"],
  "files": ["bin/pip"],
  "fn": "pip-22.2.2-py38h06a4308_0.conda",
  "license": "MIT",
  "md5": "00000000000000000000000000000000",
  "name": "pip",
  "paths_data": {"paths": [
    {"_path": "bin/pip", "path_type": "hardlink",
     "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "sha256_in_prefix": "cfc915e6923fe5ce6e153b0723c753045de46de1b4d63771530504004a45fae0"},
    {"_path": "lib/../../../../x"}
  ], "paths_version": 1},
  "requested_spec": "pip",
  "subdir": "linux-64",
  "url": "https://repo.anaconda.com/pkgs/main/linux-64/pip-22.2.2-py38h06a4308_0.conda",
  "version": "22.2.2"
}"#;

    #[test]
    fn packages_of_one_environment_need_each_other() {
        let setuptools = r#"{"name": "setuptools", "version": "61", "build": "0", "channel": "conda-forge", "subdir": "noarch", "depends": []}"#;
        check(
            &ECOSYSTEM,
            &[
                ("opt/conda/conda-meta/pip-22.2.2-py38h06a4308_0.json", PIP),
                ("opt/conda/conda-meta/setuptools-61-0.json", setuptools),
                ("opt/conda/envs/x/conda-meta/setuptools-60-0.json", &setuptools.replace("61", "60")),
            ],
            expect![[r#"
                pkg:conda/pip@22.2.2?build=py38h06a4308_0&channel=main&subdir=linux-64&type=conda line 9 declared `MIT` MD5:00000000 needs [setuptools@61]
                pkg:conda/setuptools@60?build=0&channel=conda-forge&subdir=noarch line 1 needs []
                pkg:conda/setuptools@61?build=0&channel=conda-forge&subdir=noarch line 1 needs []
            "#]],
        );
    }

    #[test]
    fn a_file_has_the_digest_it_has_here() {
        let files = [("opt/conda/conda-meta/pip-22.2.2-py38h06a4308_0.json", PIP.as_bytes())];
        expect![[r#"
            pip asked-for
              opt/conda/bin/pip SHA-256:cfc915e6
        "#]]
        .assert_eq(&owned(&ECOSYSTEM, &files));
    }

    #[test]
    fn what_is_no_record_is_a_gap_or_nothing() {
        check(
            &ECOSYSTEM,
            &[
                ("conda-meta/a.json", "{\"name\": \"a\""),
                ("conda-meta/b.json", "{\"name\": \"b\"}"),
                ("conda-meta/c.json", "[]"),
                (
                    "conda-meta/d.json",
                    "{\"name\": \"d\", \"version\": 1.10, \"depends\": [1, \"\", \"x>=1\"]}",
                ),
            ],
            expect![[r#"
                pkg:conda/d@1.10 line 1 needs []
                gap conda-meta/a.json:1: is not the JSON expected here: expected `,` or `}`
                gap conda-meta/b.json: has no `name` or no `version`
                gap conda-meta/c.json: has no `name` or no `version`
            "#]],
        );
    }
}
