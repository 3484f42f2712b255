//! What the ways of reading Go share: where the source code of a module is kept.
//!
//! Spec: <https://go.dev/ref/mod#vcs-find>, <https://labix.org/gopkg.in>

/// Hosts where the path of a module begins with that of its repository.
const HOSTS: &[&str] = &["bitbucket.org", "codeberg.org", "github.com", "gitlab.com"];

/// The repository of a module, where its path alone tells.
pub(super) fn repository(path: &str) -> Option<String> {
    let mut parts = path.split('/');
    let (host, first) = (parts.next()?, parts.next().filter(|part| !part.is_empty())?);
    let second = parts.next();
    let place = match host {
        // A project of GitLab may lie in groups of groups; which part is the last of them, the path does not tell.
        "gitlab.com" if parts.any(|part| !is_major(part)) => return None,
        _ if HOSTS.contains(&host) => format!("{host}/{first}/{}", second?),
        "golang.org" => format!("go.googlesource.com/{}", second.filter(|_| first == "x")?),
        "gopkg.in" => match second {
            Some(second) => format!("github.com/{first}/{}", unversioned(second)?),
            None => format!("github.com/go-{0}/{0}", unversioned(first)?),
        },
        _ => return None,
    };
    Some(format!("git+https://{place}"))
}

/// `v2` at the end of a path.
fn is_major(part: &str) -> bool {
    part.strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `yaml` of `yaml.v3`.
fn unversioned(part: &str) -> Option<&str> {
    let (name, version) = part.rsplit_once('.')?;
    (is_major(version) && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_paths_tell_the_repository() {
        let check = |path: &str, expected: Option<&str>| {
            let expected = expected.map(|place| format!("git+https://{place}"));
            assert_eq!(repository(path), expected, "{path}");
        };
        check("github.com/a/b", Some("github.com/a/b"));
        check("github.com/a/b/v2/sub", Some("github.com/a/b"));
        check("gitlab.com/a/b/v2", Some("gitlab.com/a/b"));
        check("gitlab.com/a/b/c", None);
        check("golang.org/x/net", Some("go.googlesource.com/net"));
        check("gopkg.in/yaml.v3", Some("github.com/go-yaml/yaml"));
        check("gopkg.in/src-d/go-git.v4", Some("github.com/src-d/go-git"));
        check("gopkg.in/yaml", None);
        check("github.com/a", None);
        check("example.org/a/b", None);
        check("", None);
    }
}
