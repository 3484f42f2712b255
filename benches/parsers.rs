//! How fast the parsers are through which nearly everything passes.
//!
//! ```text
//! cargo bench --bench parsers [WORD]
//! ```
//!
//! The best of many short runs, which what else the machine does disturbs least. Inputs are made here, of usual shape
//! and of a size that such files often have.

use std::hint::black_box;
use std::io::Cursor;
use std::time::{Duration, Instant};

use packlist::bom::Purl;
use packlist::inventory::{File, ecosystems};
use packlist::layers::{Again, Limits, Tree, Wanted, extract};
use packlist::{licenses, versions};

/// How long each is measured.
const FOR: Duration = Duration::from_millis(400);

fn main() {
    // Cargo passes `--bench`.
    let word = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let bench = |name: &str, bytes: usize, run: &mut dyn FnMut()| {
        if name.contains(&word) {
            report(name, bytes, best(run));
        }
    };
    for (name, ecosystem, path, text) in [
        ("dpkg status", "dpkg", "var/lib/dpkg/status", dpkg_status()),
        ("package-lock.json", "npm-lock", "srv/package-lock.json", package_lock()),
        ("Cargo.lock", "cargo", "srv/Cargo.lock", cargo_lock()),
        ("package.json", "npm", "srv/node_modules/x/package.json", package_json()),
        ("go.mod", "go-mod", "srv/go.mod", go_mod()),
    ] {
        let Some(ecosystem) = ecosystems::ALL.iter().find(|known| known.name == ecosystem) else { continue };
        let tree = Tree::stack([]);
        let file = File { path, bytes: text.as_bytes() };
        bench(name, text.len(), &mut || {
            black_box((ecosystem.parse)(&file, &tree).is_ok());
        });
    }
    let mit = licenses::license_text("MIT").unwrap_or_default();
    let gpl = licenses::license_text("GPL-3.0-only").unwrap_or_default();
    for (name, text) in [("licence text, MIT", mit), ("licence text, GPL-3.0", gpl)] {
        let mut other = 0;
        bench(name, text.len(), &mut || {
            // What was found in a text is remembered; each of these is new.
            other += 1;
            black_box(licenses::detect(&format!("{text}\n{other}\n")));
        });
    }
    let copyright = dep5();
    bench("copyright, machine-readable", copyright.len(), &mut || {
        black_box(licenses::read_copyright(&copyright));
    });
    let layer = layer();
    let wanted = Wanted::new(["**/package.json", "**/*.dist-info/METADATA"]).expect("globs");
    bench("tar of 2000 small files", layer.len(), &mut || {
        black_box(extract(Cursor::new(&layer), &wanted, &Again::default(), &Limits::default()).is_ok());
    });
    for purl in
        ["pkg:npm/lodash@4.17.21", "pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12"]
    {
        bench(purl, purl.len(), &mut || {
            black_box(purl.parse::<Purl>().is_ok());
        });
    }
    for (ty, one, other) in [
        ("deb", "1:2.36-9+deb12u10", "1:2.36-9+deb12u9"),
        ("npm", "1.2.3-beta.4", "1.2.3-beta.11"),
        ("pypi", "2.0.0rc1.post3", "2.0.0"),
    ] {
        bench(&format!("versions of {ty}"), one.len() + other.len(), &mut || {
            black_box(versions::compare(ty, one, other));
        });
    }
}

/// Of one run.
fn best(run: &mut dyn FnMut()) -> Duration {
    let begin = Instant::now();
    run();
    // Runs that take no time are measured many at once.
    let once = begin.elapsed().max(Duration::from_nanos(20));
    let together = (Duration::from_millis(2).as_nanos() / once.as_nanos()).clamp(1, 100_000) as u32;
    let mut best = Duration::MAX;
    let end = Instant::now() + FOR;
    while Instant::now() < end {
        let begin = Instant::now();
        (0..together).for_each(|_| run());
        best = best.min(begin.elapsed() / together);
    }
    best
}

fn report(name: &str, bytes: usize, each: Duration) {
    let speed = bytes as f64 / 1e6 / each.as_secs_f64();
    println!("{name:<75} {:>12.3} µs  {speed:>8.1} MB/s", each.as_secs_f64() * 1e6);
}

fn dpkg_status() -> String {
    let stanza = |index: usize| {
        format!(
            "Package: libpackage-{index}\nStatus: install ok installed\nPriority: optional\nSection: libs\n\
             Installed-Size: {index}\nMaintainer: Some Team <team@lists.example.org>\nArchitecture: amd64\n\
             Multi-Arch: same\nSource: package-{index}\nVersion: 1:{index}.2.3-4+deb12u1\n\
             Depends: libc6 (>= 2.34), libpackage-{} (= 1:1.2), zlib1g (>= 1:1.2.3) | zlib1g-dev\n\
             Description: a library of usual size\n This package holds what it says it holds, in a sentence or\n \
             two that nobody reads.\nHomepage: https://example.org/package-{index}\n\n",
            index + 1
        )
    };
    (0..500).map(stanza).collect()
}

fn package_lock() -> String {
    let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
    let entry = |index: usize| {
        format!(
            "    \"node_modules/package-{index}\": {{\n      \"version\": \"{index}.1.0\",\n      \
             \"resolved\": \"https://registry.npmjs.org/package-{index}/-/package-{index}-{index}.1.0.tgz\",\n      \
             \"integrity\": \"sha512-{digest}\",\n      \"license\": \"MIT\",\n      \"dependencies\": {{\n        \
             \"package-{}\": \"^{}.0.0\"\n      }}\n    }}",
            index + 1,
            index + 1
        )
    };
    let entries: Vec<String> = (0..1000).map(entry).collect();
    format!(
        "{{\n  \"name\": \"app\",\n  \"lockfileVersion\": 3,\n  \"packages\": {{\n    \"\": {{\"name\": \"app\", \
         \"dependencies\": {{\"package-0\": \"^0.0.0\"}}}},\n{}\n  }}\n}}\n",
        entries.join(",\n")
    )
}

fn cargo_lock() -> String {
    let entry = |index: usize| {
        format!(
            "\n[[package]]\nname = \"crate-{index}\"\nversion = \"{index}.0.1\"\n\
             source = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"{index:064x}\"\n\
             dependencies = [\n \"crate-{}\",\n]\n",
            index + 1
        )
    };
    let entries: String = (0..500).map(entry).collect();
    format!("version = 4\n{entries}\n[[package]]\nname = \"crate-500\"\nversion = \"1.0.0\"\n")
}

fn package_json() -> String {
    "{\n  \"name\": \"package\",\n  \"version\": \"1.2.3\",\n  \"description\": \"what it is good for\",\n  \
     \"license\": \"MIT\",\n  \"author\": \"Somebody <somebody@example.org>\",\n  \
     \"repository\": {\"type\": \"git\", \"url\": \"git+https://github.com/example/package.git\"},\n  \
     \"scripts\": {\"test\": \"node test.js\", \"build\": \"tsc -p .\"},\n  \
     \"dependencies\": {\"one\": \"^1.0.0\", \"two\": \"~2.1.0\"},\n  \
     \"devDependencies\": {\"typescript\": \"^5.0.0\", \"mocha\": \"^10.0.0\"},\n  \"engines\": {\"node\": \">=18\"}\n}\n"
        .to_owned()
}

fn go_mod() -> String {
    let lines: String = (0..200)
        .map(|index| format!("\tgithub.com/owner/module-{index} v1.{index}.0 // indirect\n"))
        .collect();
    format!("module example.org/app\n\ngo 1.22\n\nrequire (\n{lines})\n")
}

fn dep5() -> String {
    let paragraph = |index: usize| {
        format!(
            "Files: src/part-{index}/*\nCopyright: 20{index:02}, Somebody <somebody@example.org>\n           \
             2001-2009 Others\nLicense: GPL-2+ or Artistic\n\n"
        )
    };
    let paragraphs: String = (0..30).map(paragraph).collect();
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: x\n\n{paragraphs}\
         License: GPL-2+\n On Debian systems, the full text of the GNU General Public License\n version 2 can be found \
         in the file `/usr/share/common-licenses/GPL-2'.\n"
    )
}

fn layer() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for index in 0..2000 {
        let name = if index % 10 == 0 { "package.json" } else { "index.js" };
        let content = [b' '; 700];
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        let path = format!("usr/lib/node_modules/package-{index}/{name}");
        builder.append_data(&mut header, path, &content[..]).expect("in memory");
    }
    builder.into_inner().expect("in memory")
}
