//! `cargo xtask docs`: the book.

use std::fs;
use std::io;
use std::process::Command;

use clap::Args;
use miette::{IntoDiagnostic, bail};

use xtask_workspace::specs;

/// Write the list of rules and render the book in docs/ with mdBook, if that is installed.
#[derive(Args)]
#[command(after_help = "Examples:
  cargo xtask docs          render to docs/book/
  cargo xtask docs --open   and show it")]
pub struct Docs {
    /// Show the book in a browser
    #[arg(long)]
    open: bool,
}

/// Runs `docs`.
pub fn run(task: &Docs) -> miette::Result<()> {
    write_rules()?;
    let mut mdbook = Command::new("mdbook");
    mdbook.arg("build").arg(specs::root().join("docs"));
    if task.open {
        mdbook.arg("--open");
    }
    match mdbook.status() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            println!("skipped: mdBook is not installed; `cargo install mdbook` brings it");
            Ok(())
        }
        Err(error) => Err(error).into_diagnostic(),
        Ok(status) if status.success() => Ok(()),
        Ok(_) => bail!("the book does not render"),
    }
}

/// Where the list of rules begins; it is the rest of its page.
const LIST: &str = "## All rules\n";

/// The page about rules with the list that the rules themselves give.
fn rules_page(page: &str) -> String {
    let before = page.split(LIST).next().unwrap_or_default().trim_end();
    let mut list = format!(
        "{LIST}\n`cargo xtask docs` writes this list.\n\n| code | mistake | rule |\n| --- | --- | --- |\n"
    );
    for rule in nicspecs::rules() {
        let (code, title, doc) = (rule.code, rule.title, rule.doc);
        list.push_str(&format!("| `{code}` | {title} | {doc} |\n"));
    }
    format!("{before}\n\n{list}")
}

fn write_rules() -> miette::Result<()> {
    let path = specs::root().join("docs/src/rules.md");
    let page = fs::read_to_string(&path).into_diagnostic()?;
    let renewed = rules_page(&page);
    if renewed != page {
        fs::write(path, renewed).into_diagnostic()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::fs;

    use xtask_workspace::specs;

    #[test]
    fn the_page_about_rules_lists_every_rule() {
        let page = fs::read_to_string(specs::root().join("docs/src/rules.md")).unwrap();
        assert_eq!(
            super::rules_page(&page),
            page,
            "`cargo xtask docs` renews the list"
        );
        assert!(
            page.lines()
                .filter(|line| line.starts_with("| `NS"))
                .count()
                > 60
        );
    }

    /// The chapter about the reference driver quotes the driver as it is.
    #[test]
    fn the_walk_through_the_reference_driver_quotes_it_word_for_word() {
        let root = specs::root();
        let generated = root.join("generated/src");
        let folders = [generated.join("nic_82599"), generated];
        let files = folders
            .iter()
            .flat_map(|folder| fs::read_dir(folder).unwrap().flatten())
            .filter(|file| file.path().is_file());
        let code: String = files
            .map(|file| fs::read_to_string(file.path()).unwrap())
            .collect();
        let lines: HashSet<&str> = code.lines().map(str::trim).collect();

        let chapter = fs::read_to_string(root.join("docs/src/reference-driver.md")).unwrap();
        let mut quoted = 0;
        for block in chapter.split("```rust").skip(1) {
            let block = block.split("```").next().unwrap_or_default();
            for line in block
                .lines()
                .skip(1)
                .map(str::trim)
                .filter(|line| !line.is_empty())
            {
                assert!(
                    lines.contains(line) || line.starts_with("// ..."),
                    "not in generated/: {line}"
                );
                quoted += 1;
            }
        }
        assert!(quoted > 50, "{quoted} lines quoted");
    }
}
