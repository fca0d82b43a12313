//! The two compared states, read from git and from the working tree. Nothing is written.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use miette::{IntoDiagnostic, WrapErr, bail, miette};
use nicspecs::SpecFile;

/// Folders of the generator.
const GENERATOR: [&str; 2] = ["xtask/generator/templates", "xtask/generator/src/render"];

/// The folder of the specs.
const FOLDER: &str = "nicspecs";

/// The repository that holds the specs.
pub struct Repository {
    root: PathBuf,
}

/// A state of the repository.
#[derive(Debug, PartialEq)]
pub enum State {
    /// A commit, by its given name.
    Commit {
        /// The name on the command line.
        name: String,
        /// The resolved commit.
        id: String,
    },
    /// The working tree.
    WorkingTree,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Commit { name, .. } => f.write_str(name),
            Self::WorkingTree => f.write_str("the working tree"),
        }
    }
}

impl State {
    /// The states that `REV` or `OLD..NEW` names.
    pub fn pair(repository: &Repository, revisions: &str) -> miette::Result<(Self, Self)> {
        let named = |name: &str| if name.is_empty() { "HEAD" } else { name }.to_owned();
        if revisions.contains("...") {
            bail!(
                help = "give the older commit and the newer one: `OLD..NEW`",
                "`{revisions}` does not name two states"
            );
        }
        Ok(match revisions.split_once("..") {
            Some((old, new)) => (
                repository.commit(named(old))?,
                repository.commit(named(new))?,
            ),
            None => (repository.commit(named(revisions))?, Self::WorkingTree),
        })
    }
}

impl Repository {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn commit(&self, name: String) -> miette::Result<State> {
        let commit = format!("{name}^{{commit}}");
        // Without git, or outside of a repository, the reason is another one.
        self.git(&["rev-parse", "--git-dir"])?;
        let id = self.git(&["rev-parse", "--verify", "--end-of-options", &commit]);
        let id = id.map_err(|_| {
            miette!(
                help = "name a commit, a branch or a tag: `cargo xtask diff HEAD~1`",
                "there is no revision `{name}`"
            )
        })?;
        Ok(State::Commit {
            id: id.trim().to_owned(),
            name,
        })
    }

    /// Every spec of a state, by name. The path of one from a commit is `REV:nicspecs/<name>.yaml`.
    pub fn specs(&self, state: &State) -> miette::Result<Vec<SpecFile>> {
        let State::Commit { name, id } = state else {
            let specs = nicspecs::load_with_toys(self.root.join(FOLDER))?.into_iter();
            return Ok(specs.map(|spec| spec.seen_from(&self.root)).collect());
        };
        let mut all = Vec::new();
        for folder in [FOLDER.to_owned(), toys()] {
            let files = self.git(&["ls-tree", "-z", "--name-only", id, &format!("{folder}/")])?;
            let specs = files.split('\0').filter(|path| path.ends_with(".yaml"));
            let spec = |path| {
                let text = self.git(&["show", &format!("{id}:{path}")])?;
                Ok(SpecFile::new(format!("{name}:{path}"), text))
            };
            all.extend(specs.map(spec).collect::<miette::Result<Vec<_>>>()?);
        }
        Ok(nicspecs::together(&all))
    }

    /// Files of the generator that are not the same in both states.
    pub fn generator_changes(&self, old: &State, new: &State) -> miette::Result<Vec<String>> {
        let mut files = self.changed(old, new, &GENERATOR)?;
        files.retain(|path| !path.ends_with(".snap"));
        Ok(files)
    }

    /// Files in these folders that are not the same in both states. The working tree is the newer one.
    pub fn changed(
        &self,
        old: &State,
        new: &State,
        folders: &[&str],
    ) -> miette::Result<Vec<String>> {
        let mut arguments = vec!["diff", "--name-only", "-z"];
        for state in [old, new] {
            if let State::Commit { id, .. } = state {
                arguments.push(id);
            }
        }
        arguments.push("--");
        arguments.extend(folders);
        let mut files = self.git(&arguments)?;
        if *new == State::WorkingTree {
            let mut untracked = vec!["ls-files", "--others", "--exclude-standard", "-z", "--"];
            untracked.extend(folders);
            files += &self.git(&untracked)?;
        }
        let files = files.split('\0').filter(|path| !path.is_empty());
        Ok(files.map(str::to_owned).collect())
    }

    /// The text of a file, if the state has it.
    pub fn text(&self, state: &State, path: &str) -> miette::Result<Option<String>> {
        match state {
            State::WorkingTree => Ok(fs::read_to_string(self.root.join(path)).ok()),
            State::Commit { id, .. } => {
                let there = self.git(&["ls-tree", "-z", "--name-only", id, path])?;
                match there.is_empty() {
                    true => Ok(None),
                    false => self.git(&["show", &format!("{id}:{path}")]).map(Some),
                }
            }
        }
    }

    /// Its folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn git(&self, arguments: &[&str]) -> miette::Result<String> {
        let line = || format!("git {}", arguments.join(" "));
        let run = Command::new("git")
            .args(arguments)
            .current_dir(&self.root)
            .output()
            .into_diagnostic()
            .wrap_err_with(|| format!("cannot run {}", line()))?;
        if !run.status.success() {
            let said = String::from_utf8_lossy(&run.stderr);
            bail!("{} failed: {}", line(), said.trim());
        }
        String::from_utf8(run.stdout)
            .into_diagnostic()
            .wrap_err_with(|| format!("what {} prints is not UTF-8", line()))
    }
}

/// Whether the path of a spec is that of one from a commit, `REV:nicspecs/<name>.yaml`.
pub fn is_of_commit(path: &str) -> bool {
    path.contains(&format!(":{FOLDER}/"))
}

/// The folder of the toys that are kept with the tests.
fn toys() -> String {
    format!("{FOLDER}/{}", nicspecs::TOYS)
}

/// The name of a spec's file, whatever state it is from.
pub fn file(spec: &SpecFile) -> String {
    let name = format!("{}.yaml", spec.stem());
    let folder = match spec.is_toy() {
        true => toys(),
        false => FOLDER.to_owned(),
    };
    Path::new(&folder).join(name).display().to_string()
}
