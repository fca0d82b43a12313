//! `desc.rs`: descriptor formats.

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{
    Completion, Descriptor, DescriptorField, Nic, Pattern, Scheme, SettingValue, Tx,
};

use super::bits::{Bits, descriptor_bits};
use super::facts::Facts;
use super::text::{doc, header, identifier};

/// The file.
#[derive(Template)]
#[template(path = "desc.rs.jinja", escape = "none")]
pub struct Desc {
    header: String,
    descriptors: Vec<Ring>,
    types: Vec<Bits>,
}

/// The descriptor of one direction.
struct Ring {
    doc: Vec<String>,
    name: &'static str,
    /// The attribute of the whole descriptor.
    says: String,
    words: Vec<Word>,
}

/// A quadword of a descriptor.
struct Word {
    doc: Vec<String>,
    says: Vec<String>,
    name: String,
    ty: String,
}

impl Desc {
    /// The view of a NIC.
    pub fn new(facts: &Facts) -> Self {
        let nic = facts.nic;
        let mut formats: Vec<&Descriptor> = Vec::new();
        push_once(&mut formats, &nic.tx().encode.format);
        if let Some(told) = nic.tx().completion_bit() {
            push_once(&mut formats, &told.format);
        }
        push_once(&mut formats, &nic.rx().arm.format);
        push_once(&mut formats, &nic.rx().completion.format);
        Self {
            header: header(nic, &format!("Descriptors of the {}.", nic.title())),
            descriptors: vec![transmit(nic), receive(nic)],
            types: formats.into_iter().flat_map(types).collect(),
        }
    }
}

fn push_once<'a>(formats: &mut Vec<&'a Descriptor>, format: &'a Descriptor) {
    if !formats.iter().any(|known| known.name == format.name) {
        formats.push(format);
    }
}

fn transmit(nic: &Nic) -> Ring {
    let tx = nic.tx();
    let told = tx.completion_bit();
    let written_back = told.filter(|told| told.format != tx.encode.format);
    let mut words = words(&tx.encode.format);
    for word in &mut words {
        encoded(word, &tx.encode);
        word.says_fields("frame", tx.encode.with(SettingValue::FrameLength));
        word.says_fields("first", &tx.first);
        word.says_fields("last", &tx.last);
        word.says_fields("end_of_ring", &tx.end_of_ring);
        report(word, tx);
        handed_over(word, written_back);
    }
    finish(&mut words, written_back.map(|told| &*told.format), |word| {
        told.iter().for_each(|told| word.says_told(told));
    });
    Ring {
        doc: doc(&format!("How frames are sent ({}).", tx.section), 0),
        name: "TxDescriptor",
        says: match (tx.frame, tx.frame.descriptors) {
            (frame, 1) => format!("transmit, min = {}, max = {}", frame.min, frame.max),
            (frame, several) => format!(
                "transmit, min = {}, max = {}, descriptors = {several}",
                frame.min, frame.max
            ),
        },
        words: words.into_iter().map(Parts::word).collect(),
    }
}

fn receive(nic: &Nic) -> Ring {
    let rx = nic.rx();
    let written_back = Some(&rx.completion).filter(|told| told.format != rx.arm.format);
    let mut words = words(&rx.arm.format);
    for word in &mut words {
        encoded(word, &rx.arm);
        word.says_fields("end_of_ring", &rx.end_of_ring);
        handed_over(word, written_back);
    }
    let status = |word: &mut Parts| {
        word.says_fields("length", [&rx.length]);
        word.says_told(&rx.completion);
        word.says_fields("first", &rx.first);
        word.says_fields("last", &rx.last);
        let ones = rx.good.set.iter().map(|field| (field.as_ref(), 1));
        let zeros = rx.good.clear.iter().map(|field| (field.as_ref(), 0));
        word.says_values("good", ones.chain(zeros));
    };
    finish(&mut words, written_back.map(|told| &*told.format), status);
    let length = match rx.length_of_frame {
        true => " A length is that of the whole frame.",
        false => "",
    };
    Ring {
        doc: doc(
            &format!("How frames are received ({}).{length}", rx.section),
            0,
        ),
        name: "RxDescriptor",
        says: {
            let part = match rx.length_of_frame {
                true => format!(", part = {}", rx.buffer.size),
                false => String::new(),
            };
            format!("receive{part}")
        },
        words: words.into_iter().map(Parts::word).collect(),
    }
}

/// Declares the written-back fields: in the words that the driver wrote, or in words of another format.
fn finish<'f>(
    words: &mut Vec<Parts<'f>>,
    written_back: Option<&'f Descriptor>,
    status: impl Fn(&mut Parts),
) {
    match written_back {
        None => words.iter_mut().for_each(status),
        Some(format) => {
            for mut word in self::words(format) {
                word.says.push("written_back".to_owned());
                status(&mut word);
                // The driver's layout may also have a field of that name.
                if words.iter().any(|known| known.name == word.name) {
                    let order = ORDER[word.index as usize % 2];
                    word.name = format!("{}_{order}", format.name);
                }
                words.push(word);
            }
        }
    }
}

fn encoded(word: &mut Parts, pattern: &Pattern) {
    for field in pattern.with(SettingValue::Address) {
        word.says_address(field);
    }
    word.says_fields("length", pattern.lengths());
    let numbers = pattern
        .set
        .iter()
        .filter_map(|setting| match setting.value {
            SettingValue::Number(value) if value != 0 => Some((setting.field.as_ref(), value)),
            _ => None,
        });
    word.says_values("set", numbers);
}

/// The bits that request a report; the word declares them even if there are none.
fn report(word: &mut Parts, tx: &Tx) {
    word.says_fields("report", &tx.report);
    if tx.report.is_empty()
        && tx
            .completion_bit()
            .is_some_and(|told| word.has(&told.field))
    {
        word.says.push("report()".to_owned());
    }
}

/// The owner bit as the driver writes it, if the NIC writes back another format.
fn handed_over(word: &mut Parts, written_back: Option<&Completion>) {
    if let Some(told) = written_back.filter(|told| told.scheme == Scheme::OwnerBit) {
        let ours = word.format.fields.iter();
        word.says_fields("owner", ours.filter(|field| field.low == told.field.low));
    }
}

/// A quadword whose attribute is being built.
struct Parts<'f> {
    format: &'f Descriptor,
    index: u32,
    doc: String,
    name: String,
    ty: String,
    says: Vec<String>,
}

impl Parts<'_> {
    fn has(&self, field: &DescriptorField) -> bool {
        field.word() == self.index
    }

    fn says_address(&mut self, field: &DescriptorField) {
        match (self.has(field), field.width) {
            (false, _) => {}
            (true, 64) => self.says.push("address".to_owned()),
            (true, _) => self
                .says
                .push(format!("address = {}", identifier(&field.snake))),
        }
    }

    fn says_fields<'a>(
        &mut self,
        what: &str,
        fields: impl IntoIterator<Item = &'a Arc<DescriptorField>>,
    ) {
        let names: Vec<_> = fields
            .into_iter()
            .filter(|field| self.has(field))
            .map(|field| identifier(&field.snake))
            .collect();
        match names.as_slice() {
            [] => {}
            [only] => self.says.push(format!("{what} = {only}")),
            several => self.says.push(format!("{what}({})", several.join(", "))),
        }
    }

    fn says_told(&mut self, told: &Completion) {
        let what = match told.scheme {
            Scheme::OwnerBit => "owner",
            _ => "done",
        };
        self.says_fields(what, [&told.field]);
    }

    fn says_values<'a>(
        &mut self,
        what: &str,
        values: impl Iterator<Item = (&'a DescriptorField, u64)>,
    ) {
        let values: Vec<_> = values
            .filter(|(field, _)| self.has(field))
            .map(|(field, value)| format!("{} = {value}", identifier(&field.snake)))
            .collect();
        if !values.is_empty() {
            self.says.push(format!("{what}({})", values.join(", ")));
        }
    }

    fn word(self) -> Word {
        let says = match self.says.is_empty() {
            true => Vec::new(),
            false => vec![self.says.join(", ")],
        };
        Word {
            doc: doc(&self.doc, 1),
            says,
            name: self.name,
            ty: self.ty,
        }
    }
}

/// The name and type of a quadword.
enum Kind<'a> {
    /// One field that fills it.
    Whole(&'a DescriptorField),
    /// No field.
    Reserved,
    /// Fields, as the only quadword of the descriptor.
    Only,
    /// Fields, as other quadwords of the descriptor.
    OneOfSeveral,
}

fn kinds(format: &Descriptor) -> Vec<(u32, Kind<'_>)> {
    let fields = |index: u32| -> Vec<&DescriptorField> {
        format
            .fields
            .iter()
            .map(AsRef::as_ref)
            .filter(|field| field.word() == index)
            .collect()
    };
    let structured = |index: &u32| {
        !matches!(
            fields(*index).as_slice(),
            [] | [DescriptorField { width: 64, .. }]
        )
    };
    let several = (0..format.size / 8).filter(structured).count() > 1;
    let kind = |index: u32| match fields(index).as_slice() {
        [] => Kind::Reserved,
        [whole @ DescriptorField { width: 64, .. }] => Kind::Whole(whole),
        _ if several => Kind::OneOfSeveral,
        _ => Kind::Only,
    };
    (0..format.size / 8)
        .map(|index| (index, kind(index)))
        .collect()
}

const ORDER: [&str; 2] = ["first", "second"];
const CAMEL_ORDER: [&str; 2] = ["First", "Second"];

fn words(format: &Descriptor) -> Vec<Parts<'_>> {
    let part = |(index, kind): (u32, Kind)| {
        let position = index as usize % 2;
        let (doc, name, ty) = match kind {
            Kind::Whole(field) => (
                match &field.doc {
                    Some(text) => format!("`{}`: {}.", field.name, text.trim_end_matches('.')),
                    None => format!("`{}`.", field.name),
                },
                identifier(&field.snake),
                "u64".to_owned(),
            ),
            Kind::Reserved => (
                format!(
                    "{} quadword of `{}`, reserved.",
                    CAMEL_ORDER[position], format.name
                ),
                format!("{}_{}", identifier(&format.name), ORDER[position]),
                "u64".to_owned(),
            ),
            Kind::Only => (
                format!("{} quadword of `{}`.", CAMEL_ORDER[position], format.name),
                identifier(&format.name),
                format.type_name.clone(),
            ),
            Kind::OneOfSeveral => (
                format!("{} quadword of `{}`.", CAMEL_ORDER[position], format.name),
                format!("{}_{}", format.name, ORDER[position]),
                format!("{}{}", format.type_name, CAMEL_ORDER[position]),
            ),
        };
        Parts {
            format,
            index,
            doc,
            name,
            ty,
            says: Vec::new(),
        }
    };
    kinds(format).into_iter().map(part).collect()
}

fn types(format: &Descriptor) -> Vec<Bits> {
    let bits = |(index, kind): (u32, Kind)| {
        let position = index as usize % 2;
        let title = format!("{}, {} quadword", format.title, ORDER[position]);
        let name = match kind {
            Kind::Whole(_) | Kind::Reserved => return None,
            Kind::Only => format.type_name.clone(),
            Kind::OneOfSeveral => format!("{}{}", format.type_name, CAMEL_ORDER[position]),
        };
        let fields: Vec<_> = format
            .fields
            .iter()
            .map(AsRef::as_ref)
            .filter(|field| field.word() == index)
            .collect();
        Some(descriptor_bits(format, &title, name, &fields))
    };
    kinds(format).into_iter().filter_map(bits).collect()
}
