//! Specs with odd names, numbers and texts: a rule refuses each oddity at its place, or the generated code compiles.

use std::collections::{BTreeMap, BTreeSet};

use nicspecs::identifiers::KEYWORDS;
use nicspecs::ir::Nic;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::narrow::NARROW;
use super::owned::OWNED;
use super::{MORE, all, compiles, toy};

/// Specs in the build.
const SPECS: u32 = 60;

/// Edits after which each name of the toy spec is a word with one meaning only.
const DISTINCT: [(&str, &str); 17] = [
    ("{ read: 2 }", "{ op_read: 2 }"),
    ("OP: read ", "OP: op_read "),
    ("phy.read", "phy_read"),
    ("phy.state", "phy_state"),
    ("args: { register: 31 }", "args: { number: 31 }"),
    ("REG: register,", "REG: number,"),
    ("with: { register: 1 }", "with: { number: 1 }"),
    ("let: { low: SAL }", "let: { lower: SAL }"),
    ("let: { high: SAH }", "let: { upper: SAH }"),
    ("\"low ", "\"lower "),
    ("\"high ", "\"upper "),
    ("  tx:\n    title", "  tx_format:\n    title"),
    ("  rx:\n    title", "  rx_format:\n    title"),
    ("format: tx\n", "format: tx_format\n"),
    ("format: tx,", "format: tx_format,"),
    ("format: rx\n", "format: rx_format\n"),
    ("format: rx,", "format: rx_format,"),
];

/// The same for counters, each of which stands at the start of its line.
const COUNTERS: [&str; 3] = ["rx_frames", "tx_frames", "tx_errors"];

/// How the names of a kind are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spelling {
    /// `DCA_RXCTRL`
    Mnemonic,
    /// `m100`
    Lower,
    /// `phy.read`
    Dotted,
    /// `1234EM`
    Word,
    /// `1234x`
    Nic,
}

/// A name of a spec: what it names, and its spelling.
type Kind = (&'static str, Spelling);

/// A spec whose parts are replaced with odd ones.
struct Base {
    text: String,
    names: BTreeMap<String, Kind>,
}

impl Base {
    fn new(edits: &[(&str, &str)]) -> Self {
        let mut text = nicspecs::TOY.to_owned();
        for (from, to) in edits {
            assert!(text.contains(from), "the toy spec has no `{from}` any more");
            text = text.replacen(from, to, 1);
        }
        for (from, to) in DISTINCT {
            text = text.replace(from, to);
        }
        for counter in COUNTERS {
            text = text.replace(&format!("\n  {counter}:"), &format!("\n  count_{counter}:"));
        }
        let name = text.lines().find_map(|line| line.strip_prefix("  name: "));
        let file = format!("{}.yaml", name.expect("a NIC has a name"));
        let nic =
            nicspecs::compile(&file, &text).unwrap_or_else(|report| panic!("{}", report.short()));
        let mut base = Self {
            names: names(&nic),
            text,
        };
        for local in ["number", "lower", "upper", "state", "pump", "timer", "n"] {
            base.names
                .insert(local.to_owned(), ("local", Spelling::Lower));
        }
        base
    }

    /// The spec with other names and with other values on some lines.
    fn with(&self, odd: &Odd) -> String {
        let lines = self.text.lines().enumerate();
        let lines = lines.map(|(at, line)| {
            let line = words(line).map(|part| match part {
                Part::Word(word) => odd.names.get(word).map_or(word, String::as_str),
                Part::Other(other) => other,
            });
            let line: String = line.collect();
            let line = match odd.values.get(&at) {
                Some((from, to)) => line.replacen(from, to, 1),
                None => line,
            };
            line + "\n"
        });
        lines.collect()
    }
}

/// The names of a spec that it chooses itself.
fn names(nic: &Nic) -> BTreeMap<String, Kind> {
    let mut names = BTreeMap::new();
    let mut add = |name: &str, what, spelling| {
        names.insert(name.to_owned(), (what, spelling));
    };
    add(nic.name(), "NIC", Spelling::Nic);
    for variant in nic.variants() {
        add(&variant.name, "variant", Spelling::Word);
    }
    for space in nic.spaces() {
        add(&space.name, "space", Spelling::Lower);
    }
    for constant in nic.constants() {
        add(&constant.name, "constant", Spelling::Lower);
    }
    for option in nic.options() {
        add(&option.name, "option", Spelling::Lower);
    }
    for register in nic.registers() {
        add(&register.name, "register", Spelling::Mnemonic);
        for field in &register.fields {
            add(&field.name, "field", Spelling::Mnemonic);
            for value in &field.values {
                add(&value.name, "value", Spelling::Lower);
            }
        }
    }
    for format in nic.descriptors() {
        add(&format.name, "descriptor", Spelling::Lower);
        for field in &format.fields {
            add(&field.name, "descriptor's field", Spelling::Mnemonic);
        }
    }
    for counter in nic.statistics() {
        add(&counter.name, "counter", Spelling::Lower);
    }
    for sequence in nic.sequences() {
        if !sequence.signature.is_port {
            add(&sequence.signature.name, "sequence", Spelling::Dotted);
        }
    }
    names
}

enum Part<'a> {
    Word(&'a str),
    Other(&'a str),
}

impl<'a> Part<'a> {
    fn word(self) -> Option<&'a str> {
        match self {
            Self::Word(word) => Some(word),
            Self::Other(_) => None,
        }
    }
}

/// A line in words and what stands between them.
fn words(line: &str) -> impl Iterator<Item = Part<'_>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut rest = line;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest
            .find(|c| is_word(c) != is_word(first))
            .unwrap_or(rest.len());
        let part;
        (part, rest) = rest.split_at(end);
        Some(match is_word(first) {
            true => Part::Word(part),
            false => Part::Other(part),
        })
    })
}

/// What is odd in a spec.
#[derive(Clone, Debug, Default)]
struct Odd {
    /// Names of the base, and those in their place.
    names: BTreeMap<String, String>,
    /// By line, counted from 0: what a value was, and what stands in its place.
    values: BTreeMap<usize, (String, String)>,
}

impl Odd {
    fn len(&self) -> usize {
        self.names.len() + self.values.len()
    }
}

/// Odd words: those of the generated code, of the language, of the standard library, and odd forms.
fn pool() -> Vec<String> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    for text in all(&[toy()]).unwrap().values() {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            words.extend(self::words(line).filter_map(Part::word).map(str::to_owned));
        }
    }
    words.extend(KEYWORDS.map(str::to_owned));
    let others = "a r i x y b u v w e1 1e3 x1 a1b2 z_9 0 00 1 7a 1_0 0x1 0b1 true false null yes no on off inf nan y n \
         new_1 with set bits offset checked u8 u16 u32 u64 usize i8 f32 bool char str string vec box drop send sync \
         sized fn_once iterator main test cfg derive macro_rules println panic assert format debug_assert matches \
         unreachable option some none ok err result default clone copy debug eq partial_eq hash ord from into to_owned \
         as_ref unwrap map and or not variant queue vector ring mac multicast rss setup completion buffer frame \
         core std alloc netmap netmap_core netmap_derive bitfield_struct bitfield crate self super build target doc \
         union auto raw safe macro_use dyn async await static r0 reserved first second written_back word_2 type_ self_ \
         nic_1 nic_12x driver regs desc model messages statistics tables pieces steps lib mod bus boundary \
         interrupt nics pci sysctl";
    words.extend(others.split_whitespace().map(str::to_owned));
    words.insert("long".repeat(16));
    words.insert("l_".repeat(31) + "x");
    // Names of the toy itself are not odd.
    let of_toy = names(&toy());
    let plain = |word: &str| word.to_ascii_lowercase().replace('_', "");
    let of_toy: BTreeSet<_> = of_toy.keys().map(|name| plain(name)).collect();
    let words = words
        .iter()
        .filter_map(|word| spelled(word, Spelling::Mnemonic));
    let words: BTreeSet<_> = words.map(|word| word.to_ascii_lowercase()).collect();
    let odd = words
        .into_iter()
        .filter(|word| !of_toy.contains(&plain(word)));
    odd.collect()
}

/// A word in the spelling of a kind; `None` if it cannot be spelled so.
fn spelled(word: &str, spelling: Spelling) -> Option<String> {
    let mut apart = String::new();
    for c in word.chars() {
        let after_small = apart.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if c.is_ascii_uppercase() && after_small {
            apart.push('_');
        }
        apart.push(c);
    }
    let apart = apart.trim_matches('_');
    let name = match spelling {
        Spelling::Mnemonic => apart.to_ascii_uppercase(),
        Spelling::Word => word.trim_matches('_').to_owned(),
        Spelling::Lower | Spelling::Nic => apart.to_ascii_lowercase(),
        Spelling::Dotted => apart.to_ascii_lowercase().replace('_', "."),
    };
    (!name.is_empty()).then_some(name)
}

/// A name of one spelling: a word of the pool as generated code extends the name of a field or register.
fn name(pool: Vec<String>, spelling: Spelling) -> impl Strategy<Value = String> {
    let forms = [
        "with_#",
        "set_#",
        "#_bits",
        "#_offset",
        "#_checked",
        "#_new",
        "#_1",
        "#1",
        "#_first",
        "v#",
        "nic_#",
        "of_#",
    ];
    (select(pool), select(forms.to_vec()))
        .prop_filter_map("another spelling", move |(word, form)| {
            spelled(&form.replace('#', &word), spelling)
        })
}

/// A text as it stands in YAML.
fn text() -> impl Strategy<Value = String> {
    let parts = [
        "\"", "\\", "{}", "{x}", "*/", "/*", "//", "///", "//!", "#", "#!", "r#\"", "\"#", "'",
        "`", "``", "```", "[a]", "[a](b)", "<b>", "</b>", "\\n", "\\u{7f}", "%s", "$x", "\u{e9}",
        "\u{301}", "\u{2014}", "\u{202e}", "\t", "\n", " ", "  ", "|", "@", "http://x", "&amp;",
        "??/", ".", "..", "a", "1.2", "-", "* b", "1. b", "    b",
    ];
    let long = "word ".repeat(60);
    let odd = prop::collection::vec(select(parts.to_vec()), 1..6).prop_map(|parts| parts.concat());
    prop_oneof![
        odd,
        "[ -~]{1,60}",
        "\\PC{1,20}",
        Just("w".repeat(300)),
        Just(long)
    ]
    .prop_map(|text| quoted(&text))
}

/// A string of YAML.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        ' '..='~' => c.to_string(),
        c => format!("\\U{:08x}", u32::from(c)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn number() -> impl Strategy<Value = String> {
    let odd = [
        "0",
        "1",
        "00",
        "010",
        "0o4",
        "0b100",
        "1_0",
        "0x1_0",
        "+4",
        "-1",
        "4.0",
        "4e1",
        "0X4",
        "0x00ff",
        "0xFf",
        "0x0",
        "7",
        "8",
        "16",
        "31",
        "32",
        "63",
        "64",
        "127",
        "255",
        "256",
        "1000",
        "4095",
        "4096",
        "65535",
        "65536",
        "4294967295",
        "4294967296",
        "0xffffffff",
        "18446744073709551615",
        "18446744073709551616",
        "''",
        "~",
    ];
    prop_oneof![
        select(odd.to_vec()).prop_map(str::to_owned),
        (0_u32..64).prop_map(|bit| (1_u64 << bit).to_string()),
        any::<u16>().prop_map(|number| format!("{number:#x}")),
        any::<u8>().prop_map(|number| number.to_string()),
    ]
}

/// The texts of a line: the whole value after such a key.
fn text_of(line: &str) -> Option<&str> {
    let keys = [
        "title: ",
        "datasheet: ",
        "why: ",
        "otherwise: ",
        "fail: ",
        "doc: ",
        "section: ",
    ];
    let value = keys.iter().find_map(|key| Some(line.split_once(key)?.1))?;
    match value.strip_prefix('"') {
        Some(rest) => value.get(..rest.find('"')? + 2),
        None => Some(value),
    }
}

/// A number of a line, with what stands before it.
fn number_of(line: &str) -> Option<String> {
    let line = line.split("section:").next()?;
    let at = [": ", ", "].iter().find_map(|before| {
        let at = line.find(before)? + before.len();
        line[at..]
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some((at - before.len(), at))
    })?;
    let digits = line[at.1..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(line.len() - at.1);
    Some(line[at.0..at.1 + digits].to_owned())
}

/// The names to choose from.
struct Decks {
    pool: Vec<String>,
    /// The words that a kind of name has not been yet; so each of them is tried for each kind with many names.
    left: BTreeMap<&'static str, Vec<String>>,
    /// Extended words in each spelling.
    extended: BTreeMap<Spelling, BoxedStrategy<String>>,
}

impl Decks {
    fn new() -> Self {
        let pool = pool();
        let spellings = [
            Spelling::Mnemonic,
            Spelling::Lower,
            Spelling::Dotted,
            Spelling::Word,
            Spelling::Nic,
        ];
        let extended = spellings.map(|spelling| (spelling, name(pool.clone(), spelling).boxed()));
        // These are tried in every run: files and folders that cargo knows, the names of type parameters, and methods
        // of the prelude that are found before those of a type.
        let files = "test tests examples benches build mod src target bin main lib";
        let files = files.split(' ').map(str::to_owned);
        let letters = ('a'..='z').map(String::from);
        Self {
            extended: BTreeMap::from(extended),
            left: BTreeMap::from([
                ("NIC", files.collect()),
                ("register", letters.collect()),
                ("field", ["into", "try_into"].map(str::to_owned).to_vec()),
            ]),
            pool,
        }
    }

    fn word(&mut self, runner: &mut TestRunner, kind: &'static str, spelling: Spelling) -> String {
        let left = self.left.entry(kind).or_default();
        loop {
            if left.is_empty() {
                *left = sample(runner, &Just(self.pool.clone()).prop_shuffle());
            }
            let word = left.pop().and_then(|word| spelled(&word, spelling));
            if let Some(word) = word {
                return word;
            }
        }
    }
}

/// Something odd in about a fifth of the values of a base and in most names.
fn odd(runner: &mut TestRunner, base: &Base, decks: &mut Decks) -> Odd {
    let mut odd = Odd::default();
    let mut taken = BTreeSet::new();
    for (name, (kind, spelling)) in &base.names {
        let new = match sample(runner, &any::<bool>()) {
            true => decks.word(runner, kind, *spelling),
            false => sample(runner, &decks.extended[spelling]),
        };
        let is_new = taken.insert(new.clone());
        if name.as_str() != new && (is_new || sample(runner, &(0..20)) == 0) {
            odd.names.insert(name.clone(), new);
        }
    }
    for (at, line) in base.text.lines().enumerate().skip(1) {
        let number = number_of(line);
        match (text_of(line), number) {
            (Some(text), _) if sample(runner, &(0..4)) == 0 => {
                odd.values
                    .insert(at, (text.to_owned(), sample(runner, &self::text())));
            }
            (_, Some(number)) if sample(runner, &(0..5)) == 0 => {
                let before = number
                    .split(|c: char| c.is_ascii_digit())
                    .next()
                    .unwrap_or_default();
                let new = format!("{before}{}", sample(runner, &self::number()));
                odd.values.insert(at, (number, new));
            }
            _ => {}
        }
    }
    odd
}

fn sample<S: Strategy>(runner: &mut TestRunner, strategy: &S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

/// What became of the oddities of all specs.
#[derive(Debug, Default)]
struct Tally {
    accepted: BTreeMap<&'static str, usize>,
    refused: BTreeMap<&'static str, usize>,
}

/// The NIC of a spec without the oddities that rules refuse.
fn accepted(base: &Base, mut odd: Odd, tally: &mut Tally) -> (Nic, String) {
    let of_nic = base.names.iter().find(|(_, kind)| kind.0 == "NIC");
    let (nic_name, _) = of_nic.expect("a NIC has a name");
    loop {
        let text = base.with(&odd);
        let file = odd.names.get(nic_name).unwrap_or(nic_name);
        let report = match nicspecs::compile(&format!("{file}.yaml"), &text) {
            Ok(nic) => {
                for old in odd.names.keys() {
                    *tally.accepted.entry(base.names[old].0).or_default() += 1;
                }
                *tally.accepted.entry("value").or_default() += odd.values.len();
                return (nic, text);
            }
            Err(report) => report,
        };
        let before = odd.len();
        assert!(before > 0, "{}", report.short());
        for finding in report.findings() {
            *tally.refused.entry(finding.rule().code).or_default() += 1;
            assert!(
                finding.line() > 0 && finding.column() > 0,
                "{}",
                finding.short()
            );
            let at = finding.line() - 1;
            if odd.values.remove(&at).is_none() {
                // Of two names that meet, only one may be odd.
                let line = text.lines().nth(at).unwrap_or_default();
                let said = format!("{line} {finding}");
                let said: BTreeSet<_> = words(&said).filter_map(Part::word).collect();
                let names = |new: &str| {
                    words(new)
                        .filter_map(Part::word)
                        .all(|word| said.contains(word))
                };
                odd.names.retain(|_, new| !names(new));
            }
        }
        // A value that does not fit the others may be reported at one of them.
        if odd.len() == before {
            match odd.values.is_empty() {
                true => panic!(
                    "refused, but not at an odd name:\n{}\n{text}",
                    report.short()
                ),
                false => odd.values.clear(),
            }
        }
    }
}

#[test]
fn what_rules_accept_compiles() {
    let seed = std::env::var("ODD_SPECS_SEED").map_or(1, |seed| seed.parse().expect("a number"));
    println!("ODD_SPECS_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::to_le_bytes(seed));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);

    let bases = [Base::new(&MORE), Base::new(&NARROW), Base::new(&OWNED)];
    let mut decks = Decks::new();
    let mut tally = Tally::default();
    let mut modules = BTreeSet::new();
    let mut nics = Vec::new();
    let mut specs = BTreeMap::new();
    for base in bases.iter().cycle().take(SPECS as usize) {
        let odd = odd(&mut runner, base, &mut decks);
        let (nic, text) = accepted(base, odd, &mut tally);
        if modules.insert(nic.module()) {
            specs.insert(format!("specs/{}.yaml", nic.module()), text);
            nics.push(nic);
        }
    }
    println!(
        "{} specs, {} words, {tally:?}",
        nics.len(),
        decks.pool.len()
    );
    // A test whose oddities are all refused, or all accepted, shows nothing.
    let kinds = bases.iter().flat_map(|base| base.names.values());
    for (kind, _) in kinds {
        let accepted = tally.accepted.get(kind).copied().unwrap_or_default();
        assert!(accepted > 5, "{accepted} odd names of a {kind}");
    }
    for code in ["NS0104", "NS0113", "NS0115", "NS0116"] {
        assert!(tally.refused.contains_key(code), "{code} refuses nothing");
    }
    assert!(nics.len() as u32 > SPECS / 2, "{} specs", nics.len());
    compiles("odd-nics", &nics, &specs);
}
