//! A comparison as text for a terminal.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use nicspecs::difference::{Change, Kind};

use crate::compare::{Comparison, SpecKind};
use crate::items::Effect;
use crate::wording;

const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const PLAIN: Style = Style::new();
const ARROW: &str = "->";

/// The whole report, with colours.
pub fn text(comparison: &Comparison) -> String {
    let mut page = Page::default();
    page.line(0, HEADING, &wording::first_line(comparison));
    if let Some(generator) = wording::generator(comparison) {
        page.line(0, PLAIN, &generator);
    }
    if !comparison.has_changes() && comparison.files.as_ref().is_some_and(Vec::is_empty) {
        return page.0;
    }
    for spec in &comparison.specs {
        if let Some((sign, text)) = wording::whole(&spec.kind) {
            page.blank();
            page.line(0, HEADING, &spec.file);
            page.signed(1, sign, &text);
        }
        if let SpecKind::Changed(changes) = &spec.kind {
            page.blank();
            page.line(0, HEADING, &spec.file);
            self::changes(&mut page, changes);
        }
    }
    let form = comparison.form_only();
    if comparison.has_changes() && !form.is_empty() {
        page.blank();
        page.line(0, PLAIN, &format!("In form only: {}", form.join(", ")));
    }
    generated(&mut page, comparison);
    page.0
}

fn changes(page: &mut Page, changes: &[Change]) {
    let mut chapter = "";
    for change in changes {
        if chapter != change.subject.chapter {
            chapter = change.subject.chapter;
            page.line(1, HEADING, chapter);
        }
        let (sign, subject) = (wording::sign(change), &change.subject);
        page.signed(
            2,
            sign,
            &format!("{subject}: {}", wording::headline(change, ARROW)),
        );
        if let Kind::Steps(steps) = &change.kind {
            for step in steps {
                let (sign, what, parts) = wording::step(step, ARROW);
                page.signed(3, sign, &format!("{what}: {}", step.text));
                for part in &parts {
                    page.line(5, PLAIN, part);
                }
                for place in &step.touches {
                    page.line(5, DIM, &format!("touches {place}"));
                }
            }
        }
        for sentence in &change.meaning {
            page.line(4, PLAIN, sentence);
        }
        for mention in &change.mentions {
            let place = wording::place(mention, wording::is_gone(change));
            let text = match mention.text.as_str() {
                "" => place,
                text => format!("{place}: {text}"),
            };
            page.line(4, DIM, &text);
        }
    }
}

fn generated(page: &mut Page, comparison: &Comparison) {
    let Some(files) = &comparison.files else {
        page.blank();
        page.line(0, PLAIN, wording::NOTHING_GENERATED);
        return;
    };
    if !files.is_empty() {
        page.blank();
        page.line(0, HEADING, "generated files that follow");
        let width = files.iter().map(|file| file.path.len()).max().unwrap_or(0);
        for file in files {
            page.line(
                1,
                PLAIN,
                &format!("{:width$}  {}", file.path, wording::file(file)),
            );
        }
    }
    if !comparison.items.is_empty() {
        page.blank();
        page.line(0, HEADING, "public items of the generated crate");
        for item in &comparison.items {
            let sign = match item.effect {
                Effect::Breaking => '!',
                Effect::Other => '~',
                Effect::Added => '+',
            };
            let (effect, text) = (wording::effect(item.effect), wording::item(item, ARROW));
            page.signed(1, sign, &format!("{effect}: {}: {text}", item.path));
        }
    }
}

/// Lines with colours.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, depth: usize, style: Style, text: &str) {
        let indent = "  ".repeat(depth);
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{indent}{style}{text}{style:#}");
    }

    fn signed(&mut self, depth: usize, sign: char, text: &str) {
        let colour = match sign {
            '+' => AnsiColor::Green,
            '-' | '!' => AnsiColor::Red,
            _ => AnsiColor::Yellow,
        };
        let style = colour.on_default();
        let indent = "  ".repeat(depth);
        let _ = writeln!(self.0, "{indent}{style}{sign}{style:#} {text}");
    }

    fn blank(&mut self) {
        self.0.push('\n');
    }
}
