//! What a spec says, item by item, before anything is believed.
//!
//! Each struct is one map of a spec without the maps and lists below it: those are [`Later`], and read as items of
//! their own, so that a mistake in one register does not hide those in the next.

#[macro_use]
mod shape;
mod scalar;
mod yaml;

use serde::Deserialize;

pub(crate) use scalar::{Bits, Later, Name, Section};
pub(crate) use shape::Keys;
use shape::Value;
pub(crate) use yaml::{bits, read};

words! {
    /// Access kinds.
    Access { Rw = "rw", Ro = "ro", Wo = "wo", Rc = "rc", W1c = "w1c", RcW1c = "rc_w1c", W1s = "w1s" }

    /// Who writes a descriptor field.
    Owner { Host = "host", Nic = "nic", Both = "both" }

    /// Completion schemes.
    Scheme {
        DoneBit = "done_bit",
        OwnerBit = "owner_bit",
        HeadRegister = "head_register",
        HeadWriteback = "head_writeback",
    }

    /// Kinds of doorbells.
    DoorbellKind { Index = "index", Kick = "kick", None = "none" }

    /// What a received length counts.
    LengthOf { Slot = "slot", Frame = "frame" }

    /// What a restart of one ring takes.
    Restart { Queue = "queue", Device = "device" }

    /// The sequence after which the filter is written.
    FilterAfter { Init = "init", Start = "start" }

    /// Interrupt modes.
    InterruptMode { Intx = "intx", Msi = "msi", Msix = "msix" }

    /// How a cause is acknowledged.
    Acknowledge { Read = "read", Write = "write" }

    /// What a poll does when it gives up.
    OnTimeout { Fail = "fail", Continue = "continue" }

    /// What takes effect late.
    After { Write = "write", Clear = "clear", Reset = "reset" }

    /// When a value is needed.
    Moment { Ring = "ring", Reset = "reset", Write = "write" }

    /// What a sequence returns.
    Returns { U8 = "u8", U16 = "u16", U32 = "u32", Mac = "mac" }

    /// Kinds of barriers.
    Barrier { Publish = "publish" }

    /// What a counter counts.
    Counts {
        RxFrames = "rx_frames",
        RxBytes = "rx_bytes",
        TxFrames = "tx_frames",
        TxBytes = "tx_bytes",
        RxBroadcast = "rx_broadcast",
        RxMulticast = "rx_multicast",
        RxMissed = "rx_missed",
        RxCrcErrors = "rx_crc_errors",
        RxLengthErrors = "rx_length_errors",
        RxOverruns = "rx_overruns",
    }
}

maps! {
    /// The whole file. Every key is read by itself, so that one that is missing does not hide another.
    Spec {
        like: Option<Later>,
        nic: Option<Later>,
        variants: Option<Later>,
        spaces: Option<Later>,
        constants: Option<Later>,
        options: Option<Later>,
        registers: Option<Later>,
        descriptors: Option<Later>,
        tx: Option<Later>,
        rx: Option<Later>,
        interrupts: Option<Later>,
        link: Option<Later>,
        filters: Option<Later>,
        rss: Option<Later>,
        statistics: Option<Later>,
        order: Option<Later>,
        sequences: Option<Later>,
        model: Option<Later>,
    }

    /// `nic`
    Nic { name: Name, title: String, datasheet: String }

    /// An item of `variants`.
    Variant {
        name: Name,
        title: String,
        pci: Vec<String>,
        qemu: Option<String>,
        when: Option<Later>,
        constants: Option<Later>,
        limits: Option<Later>,
    }

    /// `limits` of a variant.
    VariantLimits { tx_frame_max: Option<u32>, rx_frame_max: Option<u32> }

    /// A value of `spaces`.
    Space { bar: Option<u8>, size: u64 }

    /// A value of `constants`.
    Constant { value: u32, doc: String, section: Option<Section> }

    /// A value of `options`.
    Choice { default: u32, max: u32, doc: String }

    /// A value of `registers`.
    Register {
        title: String,
        section: Section,
        doc: Option<String>,
        space: Option<Name>,
        offset: Option<u64>,
        stride: Option<u64>,
        count: Option<u32>,
        pieces: Option<Later>,
        width: Option<u32>,
        access: Access,
        reset: Option<u64>,
        must_write: Option<bool>,
        only_on: Option<Vec<Name>>,
        fields: Option<Later>,
    }

    /// An item of `pieces`.
    Piece { first: u32, count: u32, offset: u64, stride: u64 }

    /// A value of a register's `fields`.
    Field { bits: Bits, doc: Option<String>, values: Option<Later> }

    /// A value of `descriptors`.
    Descriptor { title: String, section: Section, size: u32, fields: Later, reserved: Option<Later> }

    /// A value of a descriptor's `fields`.
    DescriptorField { bits: Bits, by: Owner, doc: Option<String> }

    /// `tx`
    Tx {
        section: Section,
        queues: u32,
        restart: Restart,
        ring: Later,
        frame: Later,
        registers: Later,
        doorbell: Later,
        completion: Later,
        encode: Later,
    }

    /// `rx`
    Rx {
        section: Section,
        queues: u32,
        restart: Restart,
        frame_max: u32,
        ring: Later,
        buffer: Later,
        registers: Later,
        doorbell: Later,
        completion: Later,
        arm: Later,
        length: Name,
        length_of: Option<LengthOf>,
        first: Option<Vec<Name>>,
        last: Vec<Name>,
        good: Later,
        crc: Later,
        vlan: Later,
    }

    /// `ring`
    Ring { min: u32, max: u32, multiple: u32, align: u32, address_bits: u32 }

    /// `tx.frame`
    Frame { min: u32, max: u32, pads_to: u32, descriptors: u32 }

    /// `rx.buffer`
    Buffer { size: u32 }

    /// `registers` of a ring.
    RingRegisters {
        base_low: Name,
        base_high: Name,
        bytes: Option<Name>,
        head: Option<Name>,
        tail: Option<Name>,
    }

    /// `doorbell`, whatever its kind.
    AnyDoorbell { kind: DoorbellKind, register: Option<Later>, set: Option<Later>, again: Option<Later> }

    /// `doorbell` of kind `index`.
    IndexDoorbell { kind: DoorbellKind, register: Name }

    /// `doorbell` of kind `kick`.
    KickDoorbell { kind: DoorbellKind, register: Name, set: Vec<Name>, again: Option<bool> }

    /// `doorbell` of kind `none`.
    NoDoorbell { kind: DoorbellKind }

    /// `completion` or one of its items, whatever its scheme.
    AnyCompletion {
        scheme: Scheme,
        format: Option<Later>,
        field: Option<Later>,
        low: Option<Later>,
        high: Option<Later>,
        enable: Option<Later>,
    }

    /// `completion` by a bit of a descriptor.
    Completion { scheme: Scheme, format: Name, field: Name }

    /// `completion` by a register.
    HeadRegister { scheme: Scheme }

    /// `completion` by a word in memory.
    HeadWriteback { scheme: Scheme, low: Name, high: Name, enable: Name }

    /// `tx.encode`
    Encode {
        format: Name,
        set: Later,
        first: Option<Vec<Name>>,
        last: Vec<Name>,
        end_of_ring: Option<Vec<Name>>,
        report: Option<Vec<Name>>,
    }

    /// `rx.arm`
    Arm { format: Name, set: Later, end_of_ring: Option<Vec<Name>> }

    /// `rx.good`
    Good { set: Vec<Name>, clear: Vec<Name> }

    /// `rx.crc`
    Crc { stripped_when: Vec<Name> }

    /// `rx.vlan`
    Vlan { stripped_when: Vec<Name> }

    /// `interrupts`
    Interrupts {
        section: Section,
        modes: Vec<InterruptMode>,
        cause: Later,
        mask: Option<Name>,
        mask_set: Option<Name>,
        mask_clear: Option<Name>,
        causes: Later,
        throttle: Option<Later>,
        messages: Option<Later>,
    }

    /// `interrupts.cause`
    Cause { register: Name, acknowledge: Acknowledge }

    /// `interrupts.causes`
    Causes { tx: Vec<Name>, rx: Vec<Name>, link: Vec<Name> }

    /// `interrupts.throttle`
    Throttle { register: Name, field: Option<Name>, unit_ns: u32 }

    /// `interrupts.messages`
    Messages {
        section: Section,
        count: u32,
        when: Option<Name>,
        rx: Later,
        tx: Later,
        other: Later,
        valid: u32,
        cause: Option<Name>,
        causes: Option<Later>,
        mask_set: Option<Name>,
        mask_clear: Option<Name>,
        auto_clear: Name,
        masks: Option<bool>,
    }

    /// `interrupts.messages.causes`
    MessageCauses { rx: Name, tx: Name, other: Name }

    /// `link`
    Link { section: Section, up: Later, speeds: Later, full_duplex: Later }

    /// An item of `link.speeds`.
    Speed { when: Later, mbps: u32 }

    /// `filters`
    Filters { section: Section, after: Option<FilterAfter>, multicast: Later }

    /// `filters.multicast`
    Multicast { table: Name, hash: Later, reversed_on: Option<Vec<Name>> }

    /// `hash`
    Hash { address_bits: Option<Bits>, crc32: Option<Bits> }

    /// `rss`
    Rss { section: Section, queues: u32, key: Name, table: Later, enabled_when: Later, types: Later }

    /// `rss.table`
    RssTable { register: Name, entries: u32, bits: u32, queue_at: Option<u32> }

    /// `rss.types`
    RssTypes {
        ipv4: Option<Name>,
        tcp_ipv4: Option<Name>,
        udp_ipv4: Option<Name>,
        ipv6: Option<Name>,
        tcp_ipv6: Option<Name>,
        udp_ipv6: Option<Name>,
    }

    /// A value of `statistics`.
    Counter {
        register: Option<Name>,
        low: Option<Name>,
        high: Option<Name>,
        block: Option<u32>,
        bytes: Option<u32>,
        counts: Option<Counts>,
        doc: Option<String>,
    }

    /// An item of `order`.
    Order { first: Vec<Name>, then: Name, section: Section }

    /// A value of `sequences`.
    Sequence {
        section: Section,
        doc: Option<String>,
        may_sleep: Option<bool>,
        args: Option<Later>,
        returns: Option<Returns>,
        steps: Later,
    }

    /// An item of `steps`.
    Step {
        write: Option<Later>,
        modify: Option<Later>,
        set: Option<Later>,
        clear: Option<Later>,
        write_each: Option<Later>,
        r#let: Option<Later>,
        poll: Option<Later>,
        delay: Option<Later>,
        sleep: Option<Later>,
        flush: Option<Later>,
        barrier: Option<Barrier>,
        r#if: Option<Later>,
        then: Option<Later>,
        r#else: Option<Later>,
        r#for: Option<Later>,
        r#do: Option<Later>,
        run: Option<Name>,
        with: Option<Later>,
        guard: Option<Later>,
        verify: Option<Later>,
        otherwise: Option<String>,
        fail: Option<String>,
        r#return: Option<Later>,
        why: Option<String>,
        section: Option<Section>,
    }

    /// `poll`
    Poll { until: Later, every: Later, within: Option<Later>, on_timeout: Option<OnTimeout> }

    /// `guard`
    Guard { enter: Later, body: Later, leave: Later }

    /// `model`
    Model {
        reset: Vec<Name>,
        self_clearing: Vec<Name>,
        follows: Later,
        keeps: Option<Vec<Name>>,
        comes_up: Option<Later>,
        set_by_reading: Option<Vec<Name>>,
        locks: Option<Later>,
        kick: Option<Later>,
        tx: Later,
        rx: Later,
        accept: Later,
        station: Later,
        stats_block: Option<Later>,
        eeprom: Option<Later>,
        phy: Option<Later>,
        require: Option<Later>,
        late: Option<Later>,
        links: Option<Later>,
        refuse: Option<Later>,
        unobservable: Option<Later>,
    }

    /// An item of `model.follows`.
    Follow { field: Name, is: Later }

    /// `model.tx`
    ModelTx { enable: Vec<Name> }

    /// `model.rx`
    ModelRx { enable: Vec<Name>, longest: Option<Later> }

    /// `model.accept`
    Accept {
        broadcast: Name,
        promiscuous: Name,
        all_multicast: Option<Name>,
        stations: Option<Name>,
        table: Option<Name>,
    }

    /// `model.station`
    Station { low: Name, high: Name, valid: Option<Name> }

    /// `model.stats_block`
    StatsBlock { low: Name, high: Name, start: Name }

    /// `model.eeprom`
    Eeprom { command: Name, start: Name, done: Name, address: Name, data: Name, words: Option<Later> }

    /// `model.phy`
    Phy {
        command: Name,
        register: Name,
        data: Name,
        op: Option<Name>,
        ready: Option<Name>,
        flag: Option<Name>,
        page: Option<u8>,
        registers: Option<Later>,
    }

    /// An item of `model.locks`.
    Lock { unless: Later, registers: Vec<Name>, section: Section }

    /// `model.kick`
    Kick { lost_while_busy: Vec<Name> }

    /// An item of `model.unobservable`.
    Unobservable { facts: Vec<Name>, why: String }

    /// An item of `model.require`.
    Require { field: Name, is: u64, at: Option<Moment>, only_on: Option<Vec<Name>>, section: Section }

    /// An item of `model.late`.
    Late { field: Name, after: Option<After>, before: Vec<Name>, section: Section }

    /// An item of `model.links`.
    LinkShown { mbps: u32, full_duplex: bool, shows: Later }

    /// An item of `model.refuse`.
    Refusal { shows: Later, only_on: Option<Vec<Name>>, section: Section }

    /// An item of `shows` or `comes_up`.
    Shown { field: Name, is: u64 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{MAPS, WORDS};
    use crate::ir::builtin::Given;
    use crate::lifecycle;

    /// The words of the code in the language reference: its blocks, and what stands between backquotes.
    fn reference() -> BTreeSet<String> {
        let page = include_str!("../../docs/src/spec-language.md");
        let outside = |c: char| !c.is_alphanumeric() && !"_.".contains(c);
        let mut code = Vec::new();
        for (index, part) in page.split("```").enumerate() {
            match index % 2 {
                0 => code.extend(part.split('`').skip(1).step_by(2)),
                _ => code.push(part),
            }
        }
        let words = code.into_iter().flat_map(|code| code.split(outside));
        words
            .map(|word| word.trim_matches('.').to_owned())
            .collect()
    }

    #[test]
    fn the_language_reference_names_every_key_and_every_word() {
        let known = reference();
        let keys = MAPS.iter().copied().flatten().map(|(key, _)| key);
        let sequences = lifecycle::PORT.iter().map(|port| &port.name);
        let given: Vec<&str> = Given::all().map(Given::name).collect();
        let wanted = keys.chain(WORDS).chain(sequences).chain(&given);
        let missing: BTreeSet<_> = wanted
            .map(|word| word.trim_start_matches("r#"))
            .filter(|word| !known.contains(*word))
            .collect();
        assert_eq!(missing, BTreeSet::new());
    }
}
