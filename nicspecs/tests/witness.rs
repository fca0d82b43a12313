//! Known addresses, bits and formulas of each NIC, from drivers of other people: `witness/NAME.csv`.
//!
//! A simulated device follows from the same spec as its driver, so the two agree on an address even if it is wrong.
//! These facts do not follow from the spec. Each file names its sources in its first line. A line has a kind, a name, an
//! element or queue, and a value. A NIC that has no such file yet is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use nicspecs::ir::{BinaryOp, Builtin, Field, Hash, Nic, Num, NumKind, Register};

/// A line of a file.
struct Fact {
    kind: String,
    what: String,
    element: u32,
    value: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/witness")
}

fn facts(nic: &Nic) -> Vec<Fact> {
    let path = folder().join(format!("{}.csv", nic.name()));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(text.starts_with("# Sources: "), "{}", path.display());
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let fact = |line: &str| {
        let [kind, what, element, value]: [&str; 4] = line
            .splitn(4, ',')
            .collect::<Vec<_>>()
            .try_into()
            .expect(line);
        Fact {
            kind: kind.to_owned(),
            what: what.to_owned(),
            element: element.parse().expect(line),
            value: value.to_owned(),
        }
    };
    lines.map(fact).collect()
}

/// The NICs that have a file.
fn specs() -> Vec<Nic> {
    let specs = nicspecs::load_dir(env!("CARGO_MANIFEST_DIR")).unwrap();
    let (known, unknown): (Vec<_>, Vec<_>) = specs
        .into_iter()
        .partition(|spec| folder().join(format!("{}.csv", spec.stem())).exists());
    for spec in unknown {
        println!("no facts from drivers of others: {}", spec.stem());
    }
    assert!(!known.is_empty());
    let compiled = known.iter().map(|spec| {
        let compiled = spec.compile();
        compiled.unwrap_or_else(|report| panic!("{}", report.short()))
    });
    compiled.collect()
}

fn register<'n>(nic: &'n Nic, name: &str) -> Option<&'n Register> {
    let mut registers = nic.registers().iter();
    registers
        .find(|register| register.name == name)
        .map(|register| &**register)
}

/// The field `REGISTER.FIELD`.
fn field<'n>(nic: &'n Nic, place: &str) -> Option<&'n Field> {
    let (name, field) = place.split_once('.').expect("REGISTER.FIELD");
    let field = register(nic, name)?.field(field)?;
    Some(field)
}

/// A number, or the bits of an element of a register from some bit on.
enum Value {
    Number(u32),
    Bits {
        register: String,
        element: u32,
        shift: u32,
    },
}

/// The value of the entry of a queue: an element of a register, shifted.
fn value(num: &Num, queue: u32) -> Value {
    match &num.kind {
        NumKind::Literal { value, .. } => Value::Number(*value),
        NumKind::Builtin {
            builtin: Builtin::Queue,
            ..
        } => Value::Number(queue),
        NumKind::Register(place) => Value::Bits {
            register: place.register.name.clone(),
            element: place.index.as_ref().map_or(0, |index| number(index, queue)),
            shift: 0,
        },
        NumKind::Binary {
            op: BinaryOp::Shr,
            left,
            right,
        } => match value(left, queue) {
            Value::Number(left) => Value::Number(left >> number(right, queue)),
            Value::Bits {
                register,
                element,
                shift,
            } => Value::Bits {
                register,
                element,
                shift: shift + number(right, queue),
            },
        },
        NumKind::Binary { op, left, right } => {
            let (left, right) = (number(left, queue), number(right, queue));
            let result = op.of(left.into(), right.into());
            Value::Number(result.try_into().expect("a number of 32 bits"))
        }
        other => panic!("an entry is an element of a register, shifted: {other:?}"),
    }
}

fn number(num: &Num, queue: u32) -> u32 {
    match value(num, queue) {
        Value::Number(number) => number,
        Value::Bits { register, .. } => panic!("`{register}` is no number"),
    }
}

/// What the spec says of a fact.
fn said(nic: &Nic, fact: &Fact) -> String {
    let nothing = || "nothing".to_owned();
    match fact.kind.as_str() {
        "address" => {
            let offset =
                register(nic, &fact.what).and_then(|register| register.offset_of(fact.element));
            let width = fact.value.len();
            offset.map_or_else(nothing, |offset| format!("{offset:#0width$x}"))
        }
        "bits" => field(nic, &fact.what)
            .map_or_else(nothing, |field| format!("{}:{}", field.high(), field.low)),
        "from" => field(nic, &fact.what).map_or_else(nothing, |field| field.low.to_string()),
        "value" => {
            let (place, name) = fact.what.rsplit_once('.').expect("REGISTER.FIELD.value");
            let values = field(nic, place).map(|field| &field.values);
            let value = values.and_then(|values| values.iter().find(|value| value.name == name));
            value.map_or_else(nothing, |value| value.value.to_string())
        }
        "descriptor" => {
            let (format, field) = fact.what.split_once('.').expect("FORMAT.FIELD");
            let mut formats = nic.descriptors().iter();
            let format = formats.find(|descriptor| descriptor.name == format);
            let field = format.and_then(|format| format.field(field));
            field.map_or_else(nothing, |field| {
                format!("{}:{}", field.low + field.width - 1, field.low)
            })
        }
        "entry" => {
            let Some(messages) = &nic.interrupts().messages else {
                return nothing();
            };
            let entry = match fact.what.as_str() {
                "rx" => &messages.rx,
                "tx" => &messages.tx,
                "other" => &messages.other,
                "valid" => return messages.valid.to_string(),
                what => panic!("unknown entry `{what}`"),
            };
            match value(entry, fact.element) {
                Value::Bits {
                    register,
                    element,
                    shift,
                } => format!("{register}[{element}] >> {shift}"),
                Value::Number(number) => number.to_string(),
            }
        }
        "hash" if fact.what == "reversed" => {
            let multicast = nic.filters().multicast.as_ref();
            let reversed = multicast.map(|multicast| multicast.reversed_on.has.clone());
            let reversed = reversed.unwrap_or_default();
            let variants = nic.variants().iter().zip(reversed);
            let named = variants.filter_map(|(variant, is)| is.then_some(&*variant.name));
            named.collect::<Vec<_>>().join(" ")
        }
        "hash" => match (hash_of(nic), fact.what.as_str()) {
            (Some(Hash::AddressBits { low, width }), "address")
            | (Some(Hash::Crc32 { low, width }), "crc32") => {
                format!("{}:{low}", low + width - 1)
            }
            _ => nothing(),
        },
        kind => panic!("unknown kind `{kind}`"),
    }
}

/// The hash of the multicast table.
fn hash_of(nic: &Nic) -> Option<&Hash> {
    nic.filters()
        .multicast
        .as_ref()
        .map(|multicast| &multicast.hash)
}

#[test]
fn the_specs_say_what_other_drivers_say() {
    let mut wrong = Vec::new();
    for nic in specs() {
        for fact in facts(&nic) {
            let said = said(&nic, &fact);
            if said != fact.value {
                let Fact {
                    kind,
                    what,
                    element,
                    value,
                } = &fact;
                wrong.push(format!(
                    "{}: {kind} of {what}[{element}] is {value}, not {said}",
                    nic.name()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_nic_has_facts_of_every_kind_and_each_file_a_nic() {
    let nics = specs();
    for nic in &nics {
        let facts = facts(nic);
        let known: BTreeSet<&str> = facts.iter().map(|fact| fact.kind.as_str()).collect();
        let mut needed = BTreeSet::from(["address", "bits", "descriptor", "value"]);
        needed.extend(nic.filters().multicast.as_ref().map(|_| "hash"));
        needed.extend(nic.interrupts().messages.is_some().then_some("entry"));
        // Of some fields only the lowest bit is known.
        needed.extend(known.get("from"));
        assert_eq!(known, needed, "{}", nic.name());
    }
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let is_of = |nic: &Nic| path.file_name() == Some(format!("{}.csv", nic.name()).as_ref());
        assert!(nics.iter().any(is_of), "{} is of no NIC", path.display());
    }
}

/// A file that is gone or loses facts is noticed, and no new NIC needs one.
#[test]
fn the_book_lists_each_file_with_its_facts() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/testing.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, table) = page
        .split_once("| witness | facts |\n| --- | --- |\n")
        .unwrap();
    let listed: Vec<String> = table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .map(str::to_owned)
        .collect();
    let found = specs();
    let found = found
        .iter()
        .map(|nic| format!("| {} | {} |", nic.name(), facts(nic).len()));
    assert_eq!(listed, found.collect::<Vec<_>>());
}

#[test]
#[should_panic(expected = "unknown entry `queue`")]
fn an_entry_is_of_received_sent_or_other_messages() {
    let nics = specs();
    let mut nics = nics.iter();
    let nic = nics.find(|nic| nic.interrupts().messages.is_some());
    let fact = Fact {
        kind: "entry".to_owned(),
        what: "queue".to_owned(),
        element: 0,
        value: String::new(),
    };
    said(nic.expect("a NIC with MSI-X"), &fact);
}

/// Those that say who owns a descriptor, what it ends, how long it is and how it went.
#[test]
fn the_bits_of_descriptors_that_rings_depend_on_are_known() {
    for nic in specs() {
        let facts = facts(&nic);
        let (tx, rx) = (nic.tx(), nic.rx());
        let completion = tx.completion_bit();
        let sent = [&tx.first, &tx.last, &tx.end_of_ring, &tx.report];
        let received = [&rx.last, &rx.good.set, &rx.good.clear];
        let fields = (sent.into_iter().chain(received).flatten())
            .chain(completion.map(|completion| &completion.field))
            .chain(tx.encode.lengths())
            .chain([&rx.completion.field, &rx.length]);
        for field in fields {
            let is_of = |fact: &Fact| {
                let name = fact.what.split_once('.').map(|(_, name)| name);
                fact.kind == "descriptor" && name == Some(&field.name)
            };
            assert!(facts.iter().any(is_of), "{}: {}", nic.name(), field.name);
        }
    }
}

/// Where an array goes on elsewhere, its addresses are not a matter of counting on.
#[test]
fn each_piece_of_an_array_has_a_known_address_and_so_has_each_ring() {
    for nic in specs() {
        let facts = facts(&nic);
        let known = |name: &str, elements: std::ops::Range<u32>| {
            let mut facts = facts
                .iter()
                .filter(|fact| fact.kind == "address" && fact.what == name);
            facts.any(|fact| elements.contains(&fact.element))
        };
        for register in nic
            .registers()
            .iter()
            .filter(|register| register.pieces.len() > 1)
        {
            for piece in register.pieces.iter().skip(1) {
                let elements = piece.first..piece.first + piece.count;
                assert!(
                    known(&register.name, elements.clone()),
                    "{}: {}[{elements:?}]",
                    nic.name(),
                    register.name
                );
            }
        }
        let (tx, rx) = (nic.tx(), nic.rx());
        for (key, register) in tx.registers.named().chain(rx.registers.named()) {
            let (name, count) = (&register.name, register.count());
            assert!(
                known(name, count - 1..count),
                "{}: the last {key}, {name}",
                nic.name()
            );
        }
    }
}
