//! `mod.rs` of a NIC.

use askama::Template;
use nicspecs::ir::{self, Stripped};

use super::facts::Facts;
use super::steps::literal;
use super::text::{comment, doc, header, identifier, plain, sentence};

#[derive(Template)]
#[template(path = "mod.rs.jinja", escape = "none")]
pub struct Module<'a> {
    header: String,
    datasheet: Vec<String>,
    driver: String,
    options: Vec<Choice<'a>>,
    /// Doc comment, name and value of the constants that are the same for all variants.
    constants: Vec<(Vec<String>, String, u32)>,
    /// What the NIC does with the CRC of received frames.
    crc: String,
    /// Whether it supports MSI-X.
    has_messages: bool,
}

/// An option.
struct Choice<'a> {
    doc: Vec<String>,
    name: String,
    /// Whether it is one that is on or off.
    is_switch: bool,
    of: &'a ir::Choice,
}

impl<'a> Module<'a> {
    pub fn new(facts: &Facts<'a>) -> Self {
        let nic = facts.nic;
        let options = nic.options().iter().map(|choice| {
            let is_switch = choice.is_switch();
            let text = match is_switch {
                true => choice.doc.clone(),
                false => format!("{}; at most {}", choice.doc, choice.max),
            };
            Choice {
                doc: doc(&sentence(&text, choice.section.as_deref()), 1),
                name: identifier(&choice.name),
                is_switch,
                of: choice,
            }
        });
        let source = nic.datasheet();
        let datasheet = format!("Numbers in parentheses are sections of the {source}.");
        Self {
            header: header(nic, &format!("{}.", nic.title())),
            datasheet: comment("//!", &plain(&datasheet), 0),
            driver: facts.driver(),
            options: options.collect(),
            constants: facts
                .constants()
                .filter(|constant| !constant.varies())
                .map(|constant| {
                    let doc = doc(&sentence(&constant.doc, constant.section.as_deref()), 0);
                    (doc, constant.name.to_uppercase(), constant.value())
                })
                .collect(),
            crc: crc(&nic.rx().crc.stripped),
            has_messages: nic.interrupts().messages.is_some(),
        }
    }
}

fn crc(stripped: &Stripped) -> String {
    match stripped {
        Stripped::Always => "Crc::Stripped".to_owned(),
        Stripped::Choice(choice) => format!(
            "if self.options.{} {{ Crc::Stripped }} else {{ Crc::Kept }}",
            identifier(&choice.name)
        ),
        Stripped::Never => "Crc::Kept".to_owned(),
    }
}

impl Module<'_> {
    /// Whether some options are numbers, and others are not.
    fn has(&self, switches: bool) -> bool {
        let mut options = self.options.iter();
        options.any(|choice| choice.is_switch == switches)
    }
}
