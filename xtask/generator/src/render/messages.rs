//! `messages.rs`: the MSI-X sequences of a NIC.

use askama::Template;
use nicspecs::ir::Messages;
use nicspecs::lifecycle;

use super::facts::Facts;
use super::functions::Function;
use super::imports::Imports;
use super::text::header;

/// The file.
#[derive(Template)]
#[template(path = "driver.rs.jinja", escape = "none")]
pub struct MessagesFile {
    header: String,
    imports: Imports,
    body: String,
}

/// The part below the imports.
#[derive(Template)]
#[template(path = "messages_body.rs.jinja", escape = "none")]
struct Body {
    driver: String,
    count: u32,
    section: String,
    functions: Vec<Function>,
}

impl MessagesFile {
    /// The view of a NIC with these MSI-X messages.
    pub fn new(facts: &Facts, messages: &Messages) -> askama::Result<Self> {
        let nic = facts.nic;
        let sequences = lifecycle::MESSAGES.iter();
        let body = Body {
            driver: facts.driver(),
            count: messages.count,
            section: messages.section.clone(),
            functions: sequences
                .filter_map(|name| nic.sequence(name))
                .map(|sequence| Function::new(facts, sequence))
                .collect(),
        }
        .render()?;
        let title = nic.title();
        Ok(Self {
            header: header(nic, &format!("Interrupts of the {title} by MSI-X.")),
            imports: Imports::of_messages(facts, &body),
            body,
        })
    }
}
