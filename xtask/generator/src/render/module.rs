//! `mod.rs` of a NIC.

use askama::Template;
use nicspecs::ir::Stripped;

use super::facts::Facts;
use super::steps::literal;
use super::text::{comment, doc, header, identifier, plain, sentence};

/// The file.
#[derive(Template)]
#[template(path = "mod.rs.jinja", escape = "none")]
pub struct Module {
    header: String,
    datasheet: Vec<String>,
    driver: String,
    options: Vec<Choice>,
    /// Numeric options and their limits.
    limited: Vec<(String, u32)>,
    /// Whether there are other options.
    has_switches: bool,
    constants: Vec<Constant>,
    /// What the NIC does with the CRC of received frames.
    crc: String,
    /// Whether it supports MSI-X.
    has_messages: bool,
}

/// A named constant with the same value for all variants.
struct Constant {
    doc: Vec<String>,
    name: String,
    value: u32,
}

/// An option.
struct Choice {
    doc: Vec<String>,
    name: String,
    ty: &'static str,
    default: String,
    is_switch: bool,
    /// Name and meaning as literals.
    spec_name: String,
    title: String,
    number: u32,
    max: u32,
}

impl Module {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let nic = facts.nic;
        let options = nic.options().iter().map(|choice| {
            let most = if choice.is_switch() {
                String::new()
            } else {
                format!("; at most {}", choice.max)
            };
            Choice {
                doc: doc(
                    &sentence(&format!("{}{most}", choice.doc), choice.section.as_deref()),
                    1,
                ),
                name: identifier(&choice.name),
                ty: if choice.is_switch() { "bool" } else { "u32" },
                default: match choice.is_switch() {
                    true => (choice.default == 1).to_string(),
                    false => choice.default.to_string(),
                },
                is_switch: choice.is_switch(),
                spec_name: literal(&choice.name),
                title: literal(&choice.doc),
                number: choice.default,
                max: choice.max,
            }
        });
        let datasheet = format!(
            "Numbers in parentheses are sections of the {}.",
            nic.datasheet()
        );
        Self {
            header: header(nic, &format!("{}.", nic.title())),
            datasheet: comment("//!", &plain(&datasheet), 0),
            driver: facts.driver(),
            options: options.collect(),
            limited: nic
                .options()
                .iter()
                .filter(|choice| !choice.is_switch())
                .map(|choice| (identifier(&choice.name), choice.max))
                .collect(),
            has_switches: nic.options().iter().any(|choice| choice.is_switch()),
            constants: facts
                .constants()
                .filter(|constant| !constant.varies())
                .map(|constant| Constant {
                    doc: doc(&sentence(&constant.doc, constant.section.as_deref()), 0),
                    name: constant.name.to_uppercase(),
                    value: constant.value(),
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
