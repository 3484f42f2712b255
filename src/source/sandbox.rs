//! Confines this process to what a run needs, so that a reader that is tricked into more can do nothing with it.
//!
//! Landlock (Linux 5.13 and later) takes rights away from the process itself, for good, without asking for any privilege:
//! after [`Confinement::enter`] it can open what the run was given and nothing else, start no program, and make no
//! connection where none is needed. Where the kernel has no Landlock nothing is confined, and nothing fails. Rights are
//! those of the thread that enters and of all it starts later, so it is entered before any is started.
//!
//! Spec: <https://docs.kernel.org/userspace-api/landlock.html>

use std::path::{Path, PathBuf};

/// What a run needs of the world.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confinement {
    /// Files and folders that are read, with all below them.
    pub readable: Vec<PathBuf>,
    /// Folders in which files come into being, are read and are replaced; and devices and pipes that are written to.
    pub writable: Vec<PathBuf>,
    /// Whether it may connect to other machines, and read what that takes: names of hosts, certificates, credentials.
    pub network: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confined {
    /// Everything that is asked for is enforced.
    Fully,
    /// The kernel knows some of it: an older one cannot keep a process from the network.
    Partly,
    /// The kernel has no Landlock, or does not let us use it.
    Not,
}

impl Confinement {
    /// Gives up every right that is not listed. There is no way back.
    ///
    /// With [`Self::network`] only writing and deleting are given up: which files a resolver of names or a helper for
    /// credentials reads and starts is known to nobody.
    #[cfg(target_os = "linux")]
    pub fn enter(&self) -> Confined {
        // How many processors there are is read from files too, and remembered.
        crate::crew::threads();
        self.restrict().unwrap_or(Confined::Not)
    }

    /// There is nothing of the kind.
    #[cfg(not(target_os = "linux"))]
    pub fn enter(&self) -> Confined {
        Confined::Not
    }

    #[cfg(target_os = "linux")]
    fn restrict(&self) -> Result<Confined, landlock::RulesetError> {
        use landlock::{
            ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
            path_beneath_rules,
        };
        // The version whose rights are known here; a kernel that knows fewer enforces those.
        let version = ABI::V5;
        let handled = if self.network { AccessFs::from_write(version) } else { AccessFs::from_all(version) };
        let mut rules = Ruleset::default().handle_access(handled)?;
        if !self.network {
            rules = rules.handle_access(AccessNet::from_all(version))?;
        }
        let reads = AccessFs::ReadFile | AccessFs::ReadDir;
        let replaces = AccessFs::WriteFile
            | AccessFs::Truncate
            | AccessFs::MakeReg
            | AccessFs::MakeDir
            | AccessFs::RemoveFile
            | AccessFs::Refer;
        let mut rules = rules.create()?;
        if !self.network {
            rules = rules.add_rules(path_beneath_rules(existing(&self.readable), reads))?;
        }
        let writable = if self.network { replaces } else { replaces | reads };
        let rules = rules.add_rules(path_beneath_rules(existing(&self.writable), writable))?;
        Ok(match rules.restrict_self()?.ruleset {
            RulesetStatus::FullyEnforced => Confined::Fully,
            RulesetStatus::PartiallyEnforced => Confined::Partly,
            RulesetStatus::NotEnforced => Confined::Not,
        })
    }
}

/// Rules are made for what is there.
#[cfg(target_os = "linux")]
fn existing(paths: &[PathBuf]) -> impl Iterator<Item = &Path> {
    paths.iter().map(PathBuf::as_path).filter(|path| path.exists())
}
