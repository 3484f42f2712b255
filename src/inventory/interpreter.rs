//! Which folders of modules a Python interpreter looks into, and in which order.
//!
//! Debian's interpreters share `dist-packages`; a virtual environment sees the system's packages only when
//! `pyvenv.cfg` says so; all others see those of `/usr/local` and `/usr`.
//! Spec: <https://docs.python.org/3/library/site.html>

use crate::layers::{Tree, parent};

/// The interpreter that looks into a folder of modules: `usr/lib/python3.11/site-packages`.
pub(super) struct Interpreter<'a> {
    /// What stands before `lib`: `usr`, `opt/venv`.
    prefix: &'a str,
    /// `python3.11`.
    name: &'a str,
    /// Debian's folders, which all of the system's interpreters share.
    is_debian: bool,
    /// A virtual environment that does not see the system's packages.
    is_isolated: bool,
    /// `3.11`.
    pub(super) version: Option<String>,
}

impl<'a> Interpreter<'a> {
    /// `None` for a folder that is no interpreter's.
    pub(super) fn of(site: &'a str, tree: &Tree) -> Option<Self> {
        // Packages inside another (`setuptools/_vendor`) see what it sees.
        let end = ["site-packages", "dist-packages"]
            .iter()
            .filter_map(|name| Some(site.find(name)? + name.len()))
            .min()?;
        let site = &site[..end];
        let (above, kind) = site.rsplit_once('/')?;
        let (library, name) = above.rsplit_once('/')?;
        if !(name.starts_with("python") || name.starts_with("pypy")) {
            return None;
        }
        let prefix = parent(library);
        let config =
            tree.read(&if prefix.is_empty() { "pyvenv.cfg".into() } else { format!("{prefix}/pyvenv.cfg") });
        let config = config.map(String::from_utf8_lossy);
        let setting = |name: &str| {
            let mut lines = config.as_deref()?.lines().filter_map(|line| line.split_once('='));
            lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
        };
        let number = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let version =
            setting("version_info").or_else(|| setting("version")).or_else(|| Some(number.to_owned()));
        let is_isolated =
            config.is_some() && setting("include-system-site-packages").as_deref() != Some("true");
        let version = version
            .filter(|text| !text.is_empty())
            .map(|text| text.split('.').take(2).collect::<Vec<_>>().join("."));
        Some(Self { prefix, name, is_debian: kind == "dist-packages", is_isolated, version })
    }

    /// Above `usr` or `usr/local`.
    fn root(&self) -> &'a str {
        let prefix = self.prefix.strip_suffix("/local").unwrap_or(self.prefix);
        match prefix.strip_suffix("usr") {
            Some(root) if root.is_empty() || root.ends_with('/') => root,
            _ => "",
        }
    }

    /// What the addresses of its packages begin with: `lib` and `lib64` are one place.
    pub(super) fn address(&self) -> String {
        if self.is_debian { debian(self.root()) } else { format!("pypi:{}:{}", self.prefix, self.name) }
    }

    /// Other folders it sees, the nearest first.
    pub(super) fn fallbacks(&self) -> Vec<String> {
        if self.is_isolated || self.is_debian {
            return Vec::new();
        }
        let root = self.root();
        let mut places: Vec<String> =
            ["usr/local", "usr"].iter().map(|prefix| format!("pypi:{root}{prefix}:{}", self.name)).collect();
        places.push(debian(root));
        places
    }
}

fn debian(root: &str) -> String {
    format!("pypi:{root}:dist-packages")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Entry, Extract, Node};

    fn seen(site: &str, config: &str) -> Option<(String, Vec<String>, Option<String>)> {
        let node = Node::File(config.as_bytes().into());
        let entries = vec![Entry { path: "opt/venv/pyvenv.cfg".into(), node }];
        let tree = Tree::stack([&Extract { entries, ..Extract::default() }]);
        let interpreter = Interpreter::of(site, &tree)?;
        Some((interpreter.address(), interpreter.fallbacks(), interpreter.version.clone()))
    }

    #[test]
    fn a_virtual_environment_is_alone_unless_it_says_otherwise() {
        let site = "opt/venv/lib/python3.12/site-packages";
        let alone = ("pypi:opt/venv:python3.12".to_owned(), Vec::new(), Some("3.12".to_owned()));
        assert_eq!(seen(site, "version = 3.12.4"), Some(alone));
        let open = seen(site, "include-system-site-packages = true\nversion_info = 3.12.4.final.0");
        let fallbacks = open.map(|(_, fallbacks, _)| fallbacks);
        let expected = ["pypi:usr/local:python3.12", "pypi:usr:python3.12", "pypi::dist-packages"];
        assert_eq!(fallbacks, Some(expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn debians_interpreters_share_their_packages() {
        let system = seen("rootfs/usr/lib/python3/dist-packages", "");
        let local = seen("rootfs/usr/local/lib/python3.11/dist-packages/x/_vendor", "");
        assert_eq!(system.as_ref().map(|(address, ..)| address.as_str()), Some("pypi:rootfs/:dist-packages"));
        assert_eq!(system.as_ref().and_then(|(.., version)| version.as_deref()), Some("3"));
        assert_eq!(local.map(|(address, ..)| address), system.map(|(address, ..)| address));
    }

    #[test]
    fn other_folders_are_nobodys() {
        for site in ["", "site-packages", "a/site-packages", "var/task", "C/Lib/site-packages"] {
            assert_eq!(seen(site, ""), None, "{site}");
        }
    }
}
