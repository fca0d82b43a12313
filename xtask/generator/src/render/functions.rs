//! Sequences as functions: parameters and return values.

use askama::Template;
use nicspecs::ir::visit::Visitor as _;
use nicspecs::ir::{Returns, Sequence};

use super::block::Block;
use super::expr::Scope;
use super::facts::Facts;
use super::inherited::{buffer_size, inherited};
use super::steps::Writer;
use super::text::{doc, identifier, sentence};
use super::used::Used;

/// One function of a driver.
#[derive(Template)]
#[template(path = "function.rs.jinja", escape = "none")]
pub struct Function {
    doc: Vec<String>,
    name: String,
    /// Parameters after `&self`, with their types.
    params: Vec<String>,
    returns: Option<String>,
    /// Whether the octets of the MAC address are needed as numbers.
    octets: bool,
    body: Block,
}

impl Function {
    pub fn new(facts: &Facts, sequence: &Sequence) -> Self {
        let signature = &sequence.signature;
        let mut used = Used::by(|used| used.steps(&sequence.steps));
        let arguments = signature.args.iter().map(|arg| arg.name.clone());
        used.locals.extend(arguments);
        let fallible = facts.is_fallible(signature);
        let value = signature.returns.map(|returns| match returns {
            Returns::U8 | Returns::U16 | Returns::U32 => "u32",
            Returns::Mac => "MacAddress",
        });
        let returns = match fallible {
            true => Some(format!("Result<{}, Fault>", value.unwrap_or("()"))),
            false => value.map(str::to_owned),
        };
        let inherited = inherited(signature);
        let own = signature.args.iter().map(|arg| {
            let used = used.read.contains(&arg.name);
            param(&identifier(&arg.name), "u32", used)
        });
        let params = [param("bus", "&B", used.bus())].into_iter();
        let params = params.chain(
            inherited
                .iter()
                .map(|each| param(each.name, each.ty, each.used)),
        );
        let scope = Scope::new(facts, buffer_size(&inherited));
        Self {
            doc: doc(&described(sequence), 1),
            name: identifier(&signature.snake),
            params: params.chain(own).collect(),
            returns,
            octets: used.octets,
            body: Writer::new(scope, fallible, &used).body(&sequence.steps),
        }
    }
}

fn described(sequence: &Sequence) -> String {
    let said = match &sequence.doc {
        Some(text) => sentence(text.trim_end_matches('.'), Some(&sequence.section)),
        None => format!("Section {}.", sequence.section),
    };
    match sequence.signature.may_sleep {
        true => said,
        false => format!("{said} Nothing in it sleeps: `may_sleep` is false."),
    }
}

/// `name: type`, with an underscore before a name that is not used.
fn param(name: &str, ty: &str, used: bool) -> String {
    let underscore = if used { "" } else { "_" };
    format!("{underscore}{name}: {ty}")
}
