//! `messages.rs`: the MSI-X sequences of a NIC.

use askama::Template;
use nicspecs::ir::Messages;
use nicspecs::lifecycle;

use super::facts::Facts;
use super::functions::Function;
use super::text::header;
use super::{imports, print};

/// The part below the imports.
#[derive(Template)]
#[template(path = "messages_body.rs.jinja", escape = "none")]
struct Body<'a> {
    driver: String,
    count: u32,
    section: &'a str,
    functions: Vec<Function>,
}

/// The file of a NIC with these MSI-X messages.
pub fn file(facts: &Facts, messages: &Messages) -> miette::Result<String> {
    let nic = facts.nic;
    let sequences = lifecycle::MESSAGES.iter();
    let sequences = sequences.filter_map(|name| nic.sequence(name));
    let body = print(&Body {
        driver: facts.driver(),
        count: messages.count,
        section: &messages.section,
        functions: sequences
            .map(|sequence| Function::new(facts, sequence))
            .collect(),
    })?;
    let header = header(nic, &format!("Interrupts of the {} by MSI-X.", nic.title()));
    let imports = imports::of_messages(facts, &body);
    Ok(format!("{header}\n\n{imports}\n{body}"))
}
