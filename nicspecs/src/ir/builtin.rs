//! The built-ins of the expression language: values that a port passes in, and functions.
//!
//! A row states everything that the language knows about a built-in. Names, checks, the needs of sequences and the
//! printed form of expressions follow from it; the generator states how the driver renders it.

use crate::words::words;

words! {
    /// A value that a sequence takes beyond its own arguments.
    #[non_exhaustive]
    pub enum Need {
        /// One of `ring.*`.
        Ring = "ring",
        /// `headwb.address.*` or `completion`
        Headwb = "headwb",
        /// `queue`
        Queue = "queue",
        /// `queues`
        Queues = "queues",
        /// `messages`
        Messages = "messages",
        /// `message`
        Message = "message",
        /// `mac[i]`
        Mac = "mac",
        /// `promiscuous` or `all_multicast`
        Promiscuous = "promiscuous",
        /// `multicast[i]`
        Multicast = "multicast",
        /// `frame.max`
        FrameMax = "frame.max",
        /// `buffer.size`
        BufferSize = "buffer.size",
        /// `rss.key[i]` or `rss.table[i]`
        Rss = "rss",
        /// `stats.address.*`
        Stats = "stats.address",
        /// `renegotiate`
        Renegotiate = "renegotiate",
        /// One of `pci.*`.
        Pci = "pci",
        /// An option.
        Options = "options",
        /// The variant, by a test or by a constant that varies.
        Variant = "variant",
    }
}

/// What a sequence takes beyond its own arguments, sub-sequences included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs(u32);

impl Needs {
    /// Everything that a port may pass.
    pub const ALL: Self = Self::of(&Need::ALL);

    /// These.
    pub const fn of(needs: &[Need]) -> Self {
        let mut all = Self(0);
        let mut at = 0;
        while at < needs.len() {
            all = all.with(needs[at]);
            at += 1;
        }
        all
    }

    /// These and one more.
    pub const fn with(self, need: Need) -> Self {
        Self(self.0 | 1 << need as u32)
    }

    /// Whether it is among them.
    pub const fn has(self, need: Need) -> bool {
        self.0 & 1 << need as u32 != 0
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Words of expressions, each with its documentation.
macro_rules! documented {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $value:ident = $word:literal,)* }) => {
        words! {
            $(#[doc = $about])+
            pub enum $name { $($(#[doc = $doc])+ $value = $word),* }
        }

        impl $name {
            /// What it is or does, in a sentence.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$value => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

/// The tables of numbers and conditions: name, what has to be given, and of a number its elements, if it has an index,
/// and its largest value in any spec and in one. Lowering narrows them by what the rest of the spec says.
macro_rules! values {
    (
        numbers: $($(#[doc = $doc:literal])+ $number:ident = $name:literal, $need:ident, [$elements:literal], $largest:expr, $in_words:literal;)*
        conditions: $($(#[doc = $doc_of_flag:literal])+ $flag:ident = $name_of_flag:literal, $need_of_flag:ident;)*
    ) => {
        documented! {
            /// A number that the port passes to a sequence; its name has no index.
            Builtin { $($(#[doc = $doc])+ $number = $name,)* }
        }

        impl Builtin {
            /// What has to be given where it is used.
            pub fn need(self) -> Need {
                match self { $(Self::$number => Need::$need,)* }
            }

            /// Most elements of one that has an index; 0 of one that has none.
            pub fn elements(self) -> u32 {
                match self { $(Self::$number => $elements,)* }
            }

            /// Largest value that it may have in any spec.
            pub fn largest(self) -> u32 {
                match self { $(Self::$number => $largest,)* }
            }

            /// Largest value that it may have in one spec, in words.
            pub fn largest_in_words(self) -> &'static str {
                match self { $(Self::$number => $in_words,)* }
            }
        }

        documented! {
            /// A condition that the port passes to a sequence.
            Flag { $($(#[doc = $doc_of_flag])+ $flag = $name_of_flag,)* }
        }

        impl Flag {
            /// What has to be given where it is used.
            pub fn need(self) -> Need {
                match self { $(Self::$flag => Need::$need_of_flag,)* }
            }
        }
    };
}

values! {
    numbers:
    /// Low half of the DMA address of the descriptor ring.
    RingBaseLow = "ring.base.low", Ring, [0], u32::MAX, "32 bits";
    /// High half of that address.
    RingBaseHigh = "ring.base.high", Ring, [0], u32::MAX, "32 bits";
    /// Length of the ring in bytes.
    RingBytes = "ring.bytes", Ring, [0], u32::MAX, "from `ring.max`";
    /// Number of descriptors of the ring.
    RingSlots = "ring.slots", Ring, [0], u32::MAX, "from `ring.max`";
    /// Low half of the DMA address of the word that takes the head, a multiple of 64.
    HeadwbLow = "headwb.address.low", Headwb, [0], u32::MAX, "32 bits";
    /// High half of that address.
    HeadwbHigh = "headwb.address.high", Headwb, [0], u32::MAX, "32 bits";
    /// The queue being set up.
    Queue = "queue", Queue, [0], u32::MAX, "`tx.queues` or `rx.queues` - 1";
    /// Queues in use.
    Queues = "queues", Queues, [0], u32::MAX, "the larger of `tx.queues` and `rx.queues`";
    /// MSI-X vectors for queues, at least one; the vector with this number is for the other causes.
    Messages = "messages", Messages, [0], u32::MAX, "`interrupts.messages.count` - 1";
    /// The MSI-X vector that was signalled.
    Message = "message", Message, [0], u32::MAX, "`interrupts.messages.count` - 2";
    /// The MAC address, octets 0 to 5 in the order of the wire.
    Mac = "mac", Mac, [6], 0xff, "0xff";
    /// Word `i` of the multicast hash table.
    Multicast = "multicast", Multicast, [128], u32::MAX, "32 bits";
    /// Longest frame received, without CRC.
    FrameMax = "frame.max", FrameMax, [0], 16384, "`rx.frame_max`";
    /// Bytes of one buffer.
    BufferSize = "buffer.size", BufferSize, [0], 16384, "16384";
    /// The key of the hash, octets 0 to 39.
    RssKey = "rss.key", Rss, [40], 0xff, "0xff";
    /// The queue in entry `i` of the table.
    RssTable = "rss.table", Rss, [128], u32::MAX, "`rss.queues` - 1";
    /// Low half of the DMA address of the block for counters, a multiple of 64.
    StatsLow = "stats.address.low", Stats, [0], u32::MAX, "32 bits";
    /// High half of that address.
    StatsHigh = "stats.address.high", Stats, [0], u32::MAX, "32 bits";
    /// Only in `when` of a variant: the revision of the device in its PCI configuration space.
    PciRevision = "pci.revision", Pci, [0], 0xff, "0xff";
    /// Only in `when` of a variant: the vendor of the board.
    PciSubsystemVendor = "pci.subsystem.vendor", Pci, [0], 0xffff, "0xffff";
    /// Only in `when` of a variant: the number that this vendor gave the board.
    PciSubsystemDevice = "pci.subsystem.device", Pci, [0], 0xffff, "0xffff";

    conditions:
    /// Whether every frame is received.
    Promiscuous = "promiscuous", Promiscuous;
    /// Whether every multicast frame is received.
    AllMulticast = "all_multicast", Promiscuous;
    /// Whether to negotiate the link even if it is already up.
    Renegotiate = "renegotiate", Renegotiate;
}

/// The completion scheme of the queue being set up; it can only be compared with a scheme.
pub(crate) const COMPLETION: &str = "completion";

/// A value that a port passes in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Given {
    Number(Builtin),
    Condition(Flag),
}

impl Given {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let numbers = Builtin::ALL.into_iter().map(Self::Number);
        let conditions = Flag::ALL.into_iter().map(Self::Condition);
        numbers.chain(conditions)
    }

    /// The value of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().find(|given| given.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Number(number) => number.name(),
            Self::Condition(flag) => flag.name(),
        }
    }

    pub(crate) fn need(self) -> Need {
        match self {
            Self::Number(number) => number.need(),
            Self::Condition(flag) => flag.need(),
        }
    }

    /// Whether it takes an index.
    pub(crate) fn elements(self) -> u32 {
        match self {
            Self::Number(number) => number.elements(),
            Self::Condition(_) => 0,
        }
    }
}

/// The names that no constant, option, argument or bound value may have: the first words of all values.
pub(crate) fn heads() -> Vec<&'static str> {
    let first = |name: &'static str| name.split('.').next().unwrap_or(name);
    let all = Given::all().map(|given| first(given.name()));
    let mut heads: Vec<_> = all.chain([COMPLETION]).collect();
    heads.dedup();
    heads
}

/// Whether a name is one of [`heads`].
pub(crate) fn is_head(name: &str) -> bool {
    heads().contains(&name)
}

/// The table of functions: name, bits of the argument and of the result, what comes out.
macro_rules! functions {
    ($($(#[doc = $doc:literal])+ $function:ident = $name:literal, $bits:literal, $value:expr;)*) => {
        documented! {
            /// A function of one number.
            Function { $($(#[doc = $doc])+ $function = $name,)* }
        }

        impl Function {
            /// Bits of its argument and of its result.
            pub fn bits(self) -> u32 {
                match self { $(Self::$function => $bits,)* }
            }

            /// Its result.
            pub fn of(self, argument: u32) -> u32 {
                let value: fn(u32) -> u32 = match self { $(Self::$function => $value,)* };
                value(argument)
            }
        }
    };
}

functions! {
    /// The bytes of the low half of `x` exchanged; `x` has 16 bits.
    Swap16 = "swap16", 16, |x| x.swap_bytes() >> 16;
    /// The four bytes of `x` reversed.
    Swap32 = "swap32", 32, u32::swap_bytes;
}
