//! Who supplies what names no supplier itself: the registry its purl stands for, its distribution, or its project.
//!
//! A purl without an address of its own means its type's public registry, by the purl specification. What is the
//! project's own has no supplier but its maker, whom only the user can name.
//! Spec: <https://github.com/package-url/purl-spec/blob/main/types-doc>

use crate::bom::{Bom, Component, Kind, Purl};

/// By type of purl.
const REGISTRIES: &[(&str, &str)] = &[
    ("bitnami", "Bitnami, https://bitnami.com"),
    ("cargo", "crates.io, https://crates.io"),
    ("cocoapods", "CocoaPods, https://cocoapods.org"),
    ("composer", "Packagist, https://packagist.org"),
    ("conan", "ConanCenter, https://conan.io/center"),
    ("conda", "Anaconda, https://anaconda.org"),
    ("cran", "CRAN, https://cran.r-project.org"),
    ("gem", "RubyGems, https://rubygems.org"),
    ("golang", "Go module proxy, https://proxy.golang.org"),
    ("hackage", "Hackage, https://hackage.haskell.org"),
    ("hex", "Hex, https://hex.pm"),
    ("luarocks", "LuaRocks, https://luarocks.org"),
    ("maven", "Maven Central, https://repo.maven.apache.org/maven2"),
    ("npm", "npm registry, https://registry.npmjs.org"),
    ("nuget", "NuGet Gallery, https://www.nuget.org"),
    ("opam", "opam repository, https://opam.ocaml.org"),
    ("pub", "pub.dev, https://pub.dev"),
    ("pypi", "Python Package Index, https://pypi.org"),
];

/// By the distribution's own id, as in `os-release` and in purls.
const DISTRIBUTIONS: &[(&str, &str)] = &[
    ("almalinux", "AlmaLinux OS Foundation, https://almalinux.org"),
    ("alpine", "Alpine Linux, https://alpinelinux.org"),
    ("amzn", "Amazon Web Services, https://aws.amazon.com/linux"),
    ("arch", "Arch Linux, https://archlinux.org"),
    ("azurelinux", "Microsoft, https://github.com/microsoft/azurelinux"),
    ("centos", "CentOS Project, https://www.centos.org"),
    ("debian", "Debian Project, https://www.debian.org"),
    ("fedora", "Fedora Project, https://fedoraproject.org"),
    ("mariner", "Microsoft, https://github.com/microsoft/azurelinux"),
    ("ol", "Oracle, https://www.oracle.com/linux"),
    ("opensuse", "openSUSE Project, https://www.opensuse.org"),
    ("openwrt", "OpenWrt Project, https://openwrt.org"),
    ("photon", "VMware, https://vmware.github.io/photon"),
    ("redhat", "Red Hat, Inc., https://www.redhat.com"),
    ("rhel", "Red Hat, Inc., https://www.redhat.com"),
    ("rocky", "Rocky Enterprise Software Foundation, https://rockylinux.org"),
    ("sles", "SUSE, https://www.suse.com"),
    ("ubuntu", "Canonical Ltd, https://ubuntu.com"),
    ("wolfi", "Chainguard, https://wolfi.dev"),
];

/// Programs that are recognised without a package, by name.
const PROJECTS: &[(&str, &str)] = &[
    ("bash", "GNU Project, https://www.gnu.org/software/bash"),
    ("busybox", "BusyBox project, https://busybox.net"),
    ("deno", "Deno Land Inc, https://deno.com"),
    ("go", "Go project, https://go.dev"),
    ("httpd", "Apache Software Foundation, https://httpd.apache.org"),
    ("nginx", "F5, Inc., https://nginx.org"),
    ("node", "OpenJS Foundation, https://nodejs.org"),
    ("openssl", "OpenSSL Project, https://www.openssl.org"),
    ("perl", "Perl project, https://www.perl.org"),
    ("php", "PHP Group, https://www.php.net"),
    ("postgresql", "PostgreSQL Global Development Group, https://www.postgresql.org"),
    ("python", "Python Software Foundation, https://www.python.org"),
    ("redis", "Redis Ltd, https://redis.io"),
    ("ruby", "Ruby project, https://www.ruby-lang.org"),
];

/// Names them.
pub fn name_suppliers(bom: &mut Bom) {
    for component in bom.components.values_mut().filter(|component| component.supplier.is_none()) {
        component.supplier = supplier(component);
    }
    let subject = &mut bom.subject;
    if let Some(purl) = subject.purl.as_ref().filter(|_| subject.supplier.is_none()) {
        subject.supplier = of_purl(purl).map(str::to_owned);
    }
}

fn supplier(component: &Component) -> Option<String> {
    if component.first_party {
        return None;
    }
    let Some(purl) = &component.purl else {
        let is_system = component.kind == Kind::OperatingSystem;
        return is_system.then(|| of_system(component)).flatten();
    };
    of_purl(purl).map(str::to_owned)
}

fn of_purl(purl: &Purl) -> Option<&str> {
    own_address(purl).or_else(|| match purl.ty() {
        "alpm" | "apk" | "deb" | "opkg" | "rpm" => named(DISTRIBUTIONS, purl.namespace()?),
        "generic" => named(PROJECTS, purl.name()),
        ty => named(REGISTRIES, ty),
    })
}

fn of_system(component: &Component) -> Option<String> {
    match named(DISTRIBUTIONS, &component.name) {
        Some(known) => Some(known.to_owned()),
        None => component.homepage.as_ref().map(|address| format!("{}, {address}", component.name)),
    }
}

/// Where the purl itself says that it comes from.
fn own_address(purl: &Purl) -> Option<&str> {
    let address =
        ["repository_url", "download_url", "vcs_url"].into_iter().find_map(|key| purl.qualifier(key))?;
    // A path on somebody's machine supplies nothing.
    (!address.starts_with("file:")).then_some(address)
}

fn named(list: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    let family =
        |known: &str| name.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    list.iter().find(|(known, _)| family(known)).map(|(_, supplier)| *supplier)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(purl: &str) -> Option<String> {
        let mut component = Component::new("x");
        component.purl = Some(purl.parse().expect("valid"));
        supplier(&component)
    }

    #[test]
    fn a_purl_means_its_registry_unless_it_says_otherwise() {
        assert_eq!(of("pkg:npm/x@1").as_deref(), Some("npm registry, https://registry.npmjs.org"));
        assert_eq!(
            of("pkg:npm/x@1?repository_url=https://npm.example.org").as_deref(),
            Some("https://npm.example.org")
        );
        assert_eq!(of("pkg:deb/debian/x@1").as_deref(), Some("Debian Project, https://www.debian.org"));
        assert_eq!(of("pkg:generic/node@18").as_deref(), Some("OpenJS Foundation, https://nodejs.org"));
        assert_eq!(of("pkg:generic/nobody-knows@1"), None);
    }

    #[test]
    fn a_distribution_is_supplied_by_its_project_and_our_own_by_nobody_we_know() {
        let mut system = Component::new("opensuse-leap");
        system.kind = Kind::OperatingSystem;
        assert_eq!(supplier(&system).as_deref(), Some("openSUSE Project, https://www.opensuse.org"));
        system.name = "mine".to_owned();
        assert_eq!(supplier(&system), None);
        system.homepage = Some("https://mine.example.org".to_owned());
        assert_eq!(supplier(&system).as_deref(), Some("mine, https://mine.example.org"));
        let mut own = Component::new("app");
        own.purl = "pkg:npm/app@1".parse().ok();
        own.first_party = true;
        assert_eq!(supplier(&own), None);
    }

    #[test]
    fn lists_are_in_order() {
        for list in [REGISTRIES, DISTRIBUTIONS, PROJECTS] {
            assert!(list.is_sorted());
        }
    }
}
