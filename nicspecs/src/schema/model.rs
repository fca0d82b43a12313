//! `model`.

use super::scalar::{Expression, Later, Name, Numbers, Section};
use super::types::Notation;
use crate::ir::{After, Moment};

maps! {
    /// Facts that only the device model needs. A field of an array without an index means every element.
    Model {
        /// Fields that reset the device when they are written as one.
        reset: Vec<Name> {
            find: "the bits that reset the device when they are written as one, as a list: see 'Software Reset'"
        },
        /// Fields that read as zero after they were written as one.
        self_clearing: Vec<Name> {
            find: "the bits that read as zero after they were written as one, as a list: look for 'self clearing' in 'Register Descriptions'"
        },
        /// Fields that the device computes.
        follows: Later<Vec<Follow>> {
            find: "fields that the device computes, such as `[{ field: STATUS.LU, is: \"1\" }]`: see the status register's own section"
        },
        /// Registers that a reset does not change.
        keeps: Option<Vec<Name>>,
        /// Fields whose value after a reset differs from `reset` of their register.
        comes_up: Option<Later<Vec<Shown>>>,
        /// Fields that a read sets to one after it returned their value.
        set_by_reading: Option<Vec<Name>>,
        /// How a doorbell of kind `kick` behaves.
        kick: Option<Later<Kick>>,
        /// When transmit rings run.
        tx: Later<ModelTx>,
        /// When receive rings run.
        rx: Later<ModelRx>,
        /// Which frames pass.
        accept: Later<Accept>,
        /// The MAC addresses of the filter, which a reset loads from the EEPROM.
        station: Later<Station>,
        /// The registers by which `statistics.dump` makes the NIC write its counters; only if a counter is in a block.
        stats_block: Option<Later<StatsBlock>>,
        /// The EEPROM.
        eeprom: Option<Later<Eeprom>>,
        /// The PHY.
        phy: Option<Later<Phy>>,
        /// Registers that ignore writes unless a condition holds.
        locks: Option<Later<Vec<Lock>>>,
        /// Values that the hardware needs.
        require: Option<Later<Vec<Require>>>,
        /// Fields that show a new value only after some reads.
        late: Option<Later<Vec<Late>>>,
        /// Fields that show the speed and duplex of a link.
        links: Option<Later<Vec<LinkShown>>> {
            find: "a list such as `[{ mbps: 100, full_duplex: true, shows: [{ field: STATUS.FAST, is: 1 }] }]`: see the status register's own section"
        },
        /// States of a device in which a port must refuse to start.
        refuse: Option<Later<Vec<Refusal>>>,
        /// Facts without effect in any model, so that no test can detect wrong values.
        unobservable: Option<Later<Vec<Unobservable>>>,
    }

    /// A field that the device computes.
    Follow {
        /// The field.
        field: Name,
        /// Its value.
        is: Later<Expression>,
    }

    /// When transmit rings run.
    ModelTx {
        /// Fields that have to be one.
        enable: Vec<Name> {
            find: "the bits that have to be one for a ring to send, as a list: see 'Transmit Initialization'"
        },
    }

    /// When receive rings run.
    ModelRx {
        /// Fields that have to be one.
        enable: Vec<Name> {
            find: "the bits that have to be one for a ring to receive, as a list: see 'Receive Initialization'"
        },
        /// Bytes of the longest frame that passes, with CRC.
        longest: Option<Later<Expression>>,
        /// Whether a frame that finds no descriptor is lost; otherwise it waits in the FIFO.
        lossy: Option<bool> { default: "false" },
        /// Bytes by which a frame with a VLAN tag may be longer than `longest`.
        tag: Option<Later<Expression>> { default: "0" },
    }

    /// Fields that let frames pass.
    Accept {
        /// Broadcast frames.
        broadcast: Name {
            find: "the bit that lets broadcast frames pass: see 'Packet Filtering' or the receive control register"
        },
        /// Every frame.
        promiscuous: Name {
            find: "the bit that lets every frame pass: see 'Packet Filtering' or the receive control register"
        },
        /// Every multicast frame; without this key, all pass only if every bit of the table is set.
        all_multicast: Option<Name> {
            find: "the bit that lets every multicast frame pass: see 'Packet Filtering'; leave the key out if there is none"
        },
        /// Frames to a MAC address of the filter; without this key, they always pass.
        stations: Option<Name>,
        /// Multicast frames whose bit in the table is set; without this key, they always pass.
        table: Option<Name>,
    }

    /// The MAC addresses of the filter.
    Station {
        /// The register with the first four octets.
        low: Option<Name> { find: "the register with the first four octets of the MAC address: see 'Receive Address' or 'ID Registers'" },
        /// The register with the other two.
        high: Option<Name> { find: "the register with the last two octets of the MAC address: see 'Receive Address' or 'ID Registers'" },
        /// Instead of both, an array of six registers of 8 bits.
        octets: Option<Name>,
        /// The field of `high` that makes the address valid.
        valid: Option<Name> {
            of: "high",
            find: "the bit that makes the MAC address valid: see 'Receive Address'; leave the key out if there is none"
        },
    }

    /// The registers by which `statistics.dump` makes the NIC write its counters.
    StatsBlock {
        /// The register with the lower half of the block's address.
        low: Name,
        /// The register with the upper half.
        high: Name,
        /// The field of `low` that starts the write.
        start: Name { of: "low", find: "the bit that makes the NIC write its counters: see 'Statistics' or 'Tally Counters'" },
    }

    /// The EEPROM, and the fields of the register that reads it.
    Eeprom {
        /// The register.
        command: Name,
        /// The field that starts a read.
        start: Name { of: "command" },
        /// The field that is one when the read is done.
        done: Name { of: "command" },
        /// The field with the number of the word.
        address: Name { of: "command" },
        /// The field with the word.
        data: Name { of: "command" },
        /// Words that are not zero; the model writes the MAC address to words 0 to 2 and the checksum to 0x3f.
        words: Option<Later<Numbers<u16>>> { each: "0", notation: Notation::HexOfType },
    }

    /// The PHY: behind a command register, or with registers of its own.
    Phy {
        /// The register that accesses it.
        command: Option<Name>,
        /// The field with the number of the PHY register.
        register: Option<Name> { of: "command", find: "the field with the number of the PHY register: see 'MDI Control' or 'PHY Access'" },
        /// The field with the data.
        data: Option<Name> { of: "command", find: "the field with the data: see 'MDI Control' or 'PHY Access'" },
        /// The field with the operation: 1 writes, 2 reads.
        op: Option<Name> { of: "command", find: "the field with the operation, 1 to write and 2 to read: see 'MDI Control' or 'PHY Access'" },
        /// The field that is one when the access is done.
        ready: Option<Name> { of: "command", find: "the field that is one when the access is done: see 'MDI Control' or 'PHY Access'" },
        /// Instead of `op` and `ready`, one field: 1 starts a write, 0 starts a read, and the NIC inverts it at the end.
        flag: Option<Name> { of: "command" },
        /// Instead of all these, registers of the NIC that are registers of the PHY.
        mapped: Option<Later<Vec<PhyRegister>>>,
        /// The PHY register that selects a page; on page 0 the other registers are those of IEEE 802.3.
        page: Option<u8> { max: 31 },
        /// PHY registers that are not zero.
        registers: Option<Later<Numbers<u16>>> { each: "0", notation: Notation::HexOfType },
    }

    /// A register of the NIC that is a register of the PHY.
    PhyRegister {
        /// Its number in IEEE 802.3.
        number: u8 { max: 31 },
        /// The register.
        register: Name,
    }

    /// Registers that ignore writes unless a condition holds.
    Lock {
        /// The condition.
        unless: Later<Expression>,
        /// The registers.
        registers: Vec<Name>,
        /// The section that states it.
        section: Section,
    }

    /// How a doorbell of kind `kick` behaves.
    Kick {
        /// Variants that lose a kick while the transmitter finishes a burst.
        lost_while_busy: Option<Vec<Name>>,
    }

    /// Facts without effect in any model.
    Unobservable {
        /// Registers and fields.
        facts: Vec<Name>,
        /// The reason.
        why: String { prose },
    }

    /// A value that the hardware needs.
    Require {
        /// The field.
        field: Name,
        /// Its value.
        is: u64 { notation: Notation::Any },
        /// When the value is needed: while a ring runs, at a reset, or at every write of the register.
        at: Option<Moment> { default: "ring" },
        /// The variants that need it.
        only_on: Option<Vec<Name>> { without: "every variant" },
        /// The section that states it.
        section: Section,
    }

    /// A field that shows a new value only after some reads.
    Late {
        /// The field.
        field: Name,
        /// The event before the delay: a write of the field or of what it `follows`, a write of zero, or a reset.
        after: Option<After> { default: "write" },
        /// Registers that the driver must not access until the field shows the new value.
        before: Vec<Name>,
        /// The section that states it.
        section: Section,
    }

    /// Fields that show the speed and duplex of a link.
    LinkShown {
        /// Mbit/s.
        mbps: u32 { max: 1_000_000 },
        /// Whether both sides may send at once.
        full_duplex: bool,
        /// Fields and their values.
        shows: Later<Vec<Shown>>,
        /// The variants that have such a link.
        only_on: Option<Vec<Name>> { without: "every variant" },
    }

    /// States of a device in which a port must refuse to start.
    Refusal {
        /// Fields and their values.
        shows: Later<Vec<Shown>>,
        /// The variants that this holds for.
        only_on: Option<Vec<Name>> { without: "every variant" },
        /// The section that states it.
        section: Section,
    }

    /// A field and its value.
    Shown {
        /// The field.
        field: Name,
        /// The value.
        is: u64 { notation: Notation::Any },
    }
}
