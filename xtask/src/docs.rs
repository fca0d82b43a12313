//! `cargo xtask docs`: the book.

use std::io;
use std::process::Command;

use clap::Args;
use miette::{IntoDiagnostic, bail};
use xtask_workspace::out_line;
use xtask_workspace::specs;

/// Render the book in docs/ with mdBook, if that is installed.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask docs          render to docs/book/
  cargo xtask docs --open   and show it")]
pub struct Docs {
    /// Show the book in a browser
    #[arg(long)]
    open: bool,
}

pub fn run(task: &Docs) -> miette::Result<()> {
    let mut mdbook = Command::new("mdbook");
    mdbook.arg("build").arg(specs::root().join("docs"));
    if task.open {
        mdbook.arg("--open");
    }
    match mdbook.status() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            out_line!("skipped: mdBook is not installed; run `cargo install mdbook`");
            Ok(())
        }
        Err(error) => Err(error).into_diagnostic(),
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("rendering the book failed"),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use xtask_workspace::specs;

    /// The pages that people read, by their paths.
    fn pages() -> Vec<PathBuf> {
        let root = specs::root();
        let book = fs::read_dir(root.join("docs/src")).unwrap();
        let book = book.map(|entry| entry.unwrap().path());
        let top = ["README.md", "CONTRIBUTING.md"].map(|page| root.join(page));
        book.filter(|path| path.extension().is_some_and(|ending| ending == "md"))
            .chain(top)
            .collect()
    }

    /// The code between single backquotes, outside of blocks.
    fn quoted(page: &str) -> impl Iterator<Item = &str> {
        let outside = page.split("```").step_by(2);
        outside.flat_map(|text| text.split('`').skip(1).step_by(2))
    }

    #[test]
    fn every_path_that_a_page_names_exists() {
        let root = specs::root();
        let folders = [
            "docs",
            "generated",
            "netmap-core",
            "netmap-derive",
            "nicspecs",
            "targets",
            "xtask",
        ];
        let is_path = |code: &str| {
            let folder = code.split_once('/').map(|(folder, _)| folder);
            let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            folder.is_some_and(|folder| folders.contains(&folder)) && code.chars().all(plain)
        };
        let mut missing = Vec::new();
        let mut found = 0;
        for page in pages() {
            let text = fs::read_to_string(&page).unwrap();
            for path in quoted(&text).filter(|code| is_path(code)) {
                found += 1;
                if !root.join(path).exists() {
                    missing.push(format!("{}: {path}", page.display()));
                }
            }
        }
        assert!(found > 50, "{found} paths");
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn every_link_from_a_page_to_a_file_leads_to_one() {
        let mut dead = Vec::new();
        for page in pages() {
            let text = fs::read_to_string(&page).unwrap();
            let folder = page.parent().unwrap();
            let links = text
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split_once(')'));
            for (link, _) in links {
                let file = link.split('#').next().unwrap_or_default();
                let is_file = !file.is_empty() && !file.contains("://") && !file.contains(' ');
                if is_file && !folder.join(file).exists() {
                    dead.push(format!("{}: {link}", page.display()));
                }
            }
        }
        assert_eq!(dead, Vec::<String>::new());
    }

    /// Lines of code without indentation and without empty ones.
    fn lines(code: &str) -> Vec<String> {
        let lines = code.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    }

    /// The chapter about the reference driver quotes the current driver.
    #[test]
    fn the_walk_through_the_reference_driver_quotes_it_word_for_word() {
        let root = specs::root();
        let generated = root.join("generated/src");
        let folders = [generated.join("nic_82599"), generated];
        let files = folders
            .iter()
            .flat_map(|folder| fs::read_dir(folder).unwrap().flatten())
            .filter(|file| file.path().is_file());
        let files: Vec<Vec<String>> = files
            .map(|file| lines(&fs::read_to_string(file.path()).unwrap()))
            .collect();

        let chapter = fs::read_to_string(root.join("docs/src/reference-driver.md")).unwrap();
        let mut quoted = 0;
        for block in chapter.split("```rust,ignore\n").skip(1) {
            let block = lines(block.split("```").next().unwrap_or_default());
            // What is left out is marked.
            for part in block.split(|line| line.starts_with("// ...")) {
                let stands = |file: &Vec<String>| {
                    let mut places = file.windows(part.len().max(1));
                    part.is_empty() || places.any(|place| place == part)
                };
                assert!(
                    files.iter().any(stands),
                    "no consecutive lines of generated/:\n{}",
                    part.join("\n")
                );
                quoted += part.len();
            }
        }
        assert!(quoted > 50, "{quoted} lines quoted");
    }
}
