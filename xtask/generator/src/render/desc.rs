//! `desc.rs`: descriptor formats.

use std::sync::Arc;

use askama::Template;
use nicspecs::ir::{
    self, Completion, Descriptor, DescriptorField, Nic, Pattern, Scheme, SettingValue, quadword,
};

use super::bits::{Bits, descriptor_bits};
use super::facts::Facts;
use super::text::{doc, filled, header, identifier, named, sentence};

#[derive(Template)]
#[template(path = "desc.rs.jinja", escape = "none")]
pub struct Desc<'a> {
    header: String,
    descriptors: Vec<Ring<'a>>,
    types: Vec<Bits>,
}

/// The descriptor of one direction.
struct Ring<'a> {
    doc: Vec<String>,
    name: &'static str,
    /// The keys of its attribute.
    keys: Vec<String>,
    words: Vec<Word<'a>>,
}

/// A quadword of a descriptor.
struct Word<'a> {
    format: &'a Descriptor,
    index: u32,
    fields: Vec<Arc<DescriptorField>>,
    doc: Vec<String>,
    name: String,
    ty: String,
    /// The keys of its attribute.
    keys: Vec<String>,
}

/// The attribute with these keys, if there are any.
fn attribute(keys: &[String], level: usize) -> Vec<String> {
    match keys {
        [] => Vec::new(),
        keys => filled("#[descriptor", keys, "]", level),
    }
}

impl Ring<'_> {
    fn attribute(&self) -> Vec<String> {
        attribute(&self.keys, 0)
    }
}

impl Word<'_> {
    fn attribute(&self) -> Vec<String> {
        attribute(&self.keys, 1)
    }
}

impl<'a> Desc<'a> {
    pub fn new(facts: &Facts<'a>) -> Self {
        let nic = facts.nic;
        let words = facts.formats().into_iter().flat_map(words);
        Self {
            header: header(nic, &format!("Descriptors of the {}.", nic.title())),
            descriptors: vec![transmit(nic), receive(nic)],
            types: words.filter(|word| word.ty != INTEGER).map(bits).collect(),
        }
    }
}

fn transmit(nic: &Nic) -> Ring<'_> {
    let tx = nic.tx();
    let completion = tx.completion_bit();
    let written_back = completion.filter(|completion| completion.format != tx.encode.format);
    let mut words = words(&tx.encode.format);
    for word in &mut words {
        word.pattern(&tx.encode);
        word.fields("frame", tx.encode.with(SettingValue::FrameLength));
        word.fields("first", &tx.first);
        word.fields("last", &tx.last);
        word.fields("end_of_ring", &tx.end_of_ring);
        word.fields("report", &tx.report);
        // The word with the completion declares the bits that request a report even if there are none.
        if tx.report.is_empty() && completion.is_some_and(|bit| word.has(&bit.field)) {
            word.keys.push("report()".to_owned());
        }
        word.handed_over(written_back);
    }
    finish(&mut words, written_back, |word| {
        if let Some(bit) = completion {
            word.completion(bit);
            word.fields("failed", &bit.failed);
        }
    });
    let mut keys = vec![
        "transmit".to_owned(),
        format!("min = {}", tx.frame.min),
        format!("max = {}", tx.frame.max),
    ];
    if tx.frame.descriptors > 1 {
        keys.push(format!("descriptors = {}", tx.frame.descriptors));
    }
    Ring {
        doc: doc(&format!("How frames are sent ({}).", tx.section), 0),
        name: "TxDescriptor",
        keys,
        words,
    }
}

fn receive(nic: &Nic) -> Ring<'_> {
    let rx = nic.rx();
    let written_back = Some(&rx.completion).filter(|bit| bit.format != rx.arm.format);
    let mut words = words(&rx.arm.format);
    for word in &mut words {
        word.pattern(&rx.arm);
        word.fields("end_of_ring", &rx.end_of_ring);
        word.handed_over(written_back);
    }
    finish(&mut words, written_back, |word| {
        word.fields("length", [&rx.length]);
        word.completion(&rx.completion);
        word.fields("first", &rx.first);
        word.fields("last", &rx.last);
        let ones = rx.good.set.iter().map(|field| (field, 1));
        let zeros = rx.good.clear.iter().map(|field| (field, 0));
        word.values("good", ones.chain(zeros));
    });
    let mut keys = vec!["receive".to_owned()];
    let length = match rx.length_of_frame {
        true => {
            keys.push(format!("part = {}", rx.buffer.size));
            " A length is that of the whole frame."
        }
        false => "",
    };
    let text = format!("How frames are received ({}).{length}", rx.section);
    Ring {
        doc: doc(&text, 0),
        name: "RxDescriptor",
        keys,
        words,
    }
}

/// Declares the written-back fields: in the words that the driver wrote, or in words of another format.
fn finish<'a>(
    words: &mut Vec<Word<'a>>,
    written_back: Option<&'a Completion>,
    status: impl Fn(&mut Word),
) {
    let Some(completion) = written_back else {
        words.iter_mut().for_each(status);
        return;
    };
    for mut word in self::words(&completion.format) {
        word.keys.push("written_back".to_owned());
        status(&mut word);
        // The driver's layout may also have a field of that name.
        if words.iter().any(|known| known.name == word.name) {
            word.name = format!("{}_{}", word.format.name, quadword(word.index));
        }
        words.push(word);
    }
}

impl Word<'_> {
    fn has(&self, field: &DescriptorField) -> bool {
        field.word() == self.index
    }

    /// The values that the driver writes.
    fn pattern(&mut self, pattern: &Pattern) {
        let addresses: Vec<_> = pattern.with(SettingValue::Address).collect();
        match addresses.as_slice() {
            [field] if self.has(field) && field.width == 64 => {
                self.keys.push("address".to_owned());
            }
            // The derive refuses more than one.
            addresses => self.fields("address", addresses.iter().copied()),
        }
        self.fields("length", pattern.lengths());
        let numbers = pattern.set.iter();
        let numbers = numbers.filter_map(|setting| match setting.value {
            SettingValue::Number(value) if value != 0 => Some((&setting.field, value)),
            _ => None,
        });
        self.values("set", numbers);
    }

    /// The owner bit as the driver writes it, if the NIC writes back another format.
    fn handed_over(&mut self, written_back: Option<&Completion>) {
        if let Some(bit) = written_back.filter(|bit| bit.scheme == Scheme::OwnerBit) {
            let fields = self.format.fields.iter();
            self.fields("owner", fields.filter(|field| field.low == bit.field.low));
        }
    }

    /// The bit that reports completion.
    fn completion(&mut self, completion: &Completion) {
        let key = match completion.scheme {
            Scheme::OwnerBit => "owner",
            _ => "done",
        };
        self.fields(key, [&completion.field]);
    }

    /// A key for those of the fields that are in this word.
    fn fields<'f>(
        &mut self,
        key: &str,
        fields: impl IntoIterator<Item = &'f Arc<DescriptorField>>,
    ) {
        let own = fields.into_iter().filter(|field| self.has(field));
        let names: Vec<_> = own.map(|field| identifier(&field.snake)).collect();
        match names.as_slice() {
            [] => {}
            [only] => self.keys.push(format!("{key} = {only}")),
            several => self.keys.push(format!("{key}({})", several.join(", "))),
        }
    }

    /// The same for fields with values.
    fn values<'f>(
        &mut self,
        key: &str,
        values: impl Iterator<Item = (&'f Arc<DescriptorField>, u64)>,
    ) {
        let own = values.filter(|(field, _)| self.has(field));
        let values: Vec<_> = own
            .map(|(field, value)| format!("{} = {value}", identifier(&field.snake)))
            .collect();
        if !values.is_empty() {
            self.keys.push(format!("{key}({})", values.join(", ")));
        }
    }
}

/// The type of a quadword without fields of its own.
const INTEGER: &str = "u64";

/// The quadwords of a format, with their names and types.
fn words(format: &Descriptor) -> Vec<Word<'_>> {
    let word = |word: ir::Word| {
        let whole = format!("{} quadword of `{}`", quadword(word.index), format.name);
        let text = match (&word.type_name, word.fields.as_slice()) {
            (None, [field]) => named(&field.name, field.doc.as_deref()),
            (None, _) => sentence(&format!("{whole}, reserved"), None),
            (Some(_), _) => sentence(&whole, None),
        };
        Word {
            format,
            index: word.index,
            fields: word.fields,
            doc: doc(&text, 1),
            name: identifier(&word.name),
            ty: word.type_name.unwrap_or_else(|| INTEGER.to_owned()),
            keys: Vec::new(),
        }
    };
    format.words().into_iter().map(word).collect()
}

/// The type of a quadword with several fields.
fn bits(word: Word) -> Bits {
    let title = format!("{}, {} quadword", word.format.title, quadword(word.index));
    descriptor_bits(word.format, &title, word.ty, &word.fields)
}
