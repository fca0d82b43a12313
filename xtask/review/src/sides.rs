//! The two compared states, read from git and from the working tree. Nothing is written.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use miette::{IntoDiagnostic, WrapErr, bail, miette};
use nicspecs::SpecFile;
use xtask_workspace::specs;

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
            return specs::of(&self.root);
        };
        let folder = format!("{FOLDER}/");
        let files = self.git(&["ls-tree", "-z", "--name-only", id, &folder])?;
        let specs = files.split('\0').filter(|path| path.ends_with(".yaml"));
        let spec = |path| {
            let text = self.git(&["show", &format!("{id}:{path}")])?;
            Ok(SpecFile::new(format!("{name}:{path}"), text))
        };
        let specs: Vec<_> = specs.map(spec).collect::<miette::Result<_>>()?;
        let among = |spec: &SpecFile| spec.clone().among(&specs);
        Ok(specs.iter().map(among).collect())
    }

    /// Files of the generator that are not the same in both states.
    pub fn generator_changes(&self, old: &State, new: &State) -> miette::Result<Vec<String>> {
        let mut arguments = vec!["diff", "--name-only", "-z"];
        for state in [old, new] {
            if let State::Commit { id, .. } = state {
                arguments.push(id);
            }
        }
        arguments.push("--");
        arguments.extend(GENERATOR);
        let files = self.git(&arguments)?;
        let files = files
            .split('\0')
            .filter(|path| !path.is_empty() && !path.ends_with(".snap"));
        Ok(files.map(str::to_owned).collect())
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

/// The name of a spec's file, whatever state it is from.
pub fn file(spec: &SpecFile) -> String {
    let name = format!("{}.yaml", spec.stem());
    Path::new(FOLDER).join(name).display().to_string()
}
