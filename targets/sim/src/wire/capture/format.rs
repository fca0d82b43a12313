//! The two formats of captures: how long the next record is, and what is in it.
//!
//! Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng. Times are not read: a wire replays as fast as a device
//! receives.

use pcap_parser::nom::IResult;
use pcap_parser::{
    Block, EnhancedPacketBlock, InterfaceDescriptionBlock, OptionCode, PcapError, PcapNGOption,
    parse_block_be, parse_block_le,
};

use super::error::{BadFrame, CaptureError};

/// Longest record that is looked into. A frame has 256 KiB at most in libpcap, and much less on any NIC.
pub(super) const LONGEST: usize = 1 << 20;
/// Bytes of the header of a libpcap file.
const HEADER: usize = 24;
const ETHERNET: u32 = 1;

/// Block types of pcapng.
mod block {
    pub(super) const SECTION: u32 = 0x0a0d_0d0a;
    pub(super) const INTERFACE: u32 = 1;
    /// The obsolete form of `ENHANCED_PACKET`.
    pub(super) const PACKET: u32 = 2;
    pub(super) const SIMPLE_PACKET: u32 = 3;
    pub(super) const ENHANCED_PACKET: u32 = 6;
}

/// The format of a capture, with what its headers have said so far.
#[derive(Debug)]
pub(super) enum Format {
    Pcap {
        order: Order,
        /// Bytes before the frame in a record.
        head: usize,
        /// Bytes of CRC at the end of each frame.
        crc: u32,
    },
    PcapNg {
        order: Order,
        /// Of the current section.
        interfaces: Vec<Interface>,
        /// Whether an interface so far is Ethernet, and the link type of the first frame that is not.
        has_ethernet: bool,
        other: Option<u32>,
    },
}

/// The byte order of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// An interface in pcapng.
#[derive(Debug, Clone, Copy)]
pub(super) struct Interface {
    link: u32,
    /// Most bytes captured of a frame; 0 if unlimited.
    snap: u32,
    /// Bytes of CRC at the end of each frame.
    crc: u32,
}

/// The next record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    pub(super) len: u64,
    pub(super) is_frame: bool,
}

/// What a record has.
#[derive(Debug)]
pub(super) enum Content {
    /// A frame: `len` bytes at `at` of the record, of `original` on the wire.
    Frame {
        at: usize,
        len: usize,
        original: u32,
    },
    /// A frame that cannot be used.
    Bad(BadFrame),
    /// No frame.
    Other,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..)?.first_chunk().copied()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
        })
    }

    fn block<'a>(self, record: &'a [u8]) -> IResult<&'a [u8], Block<'a>, PcapError<&'a [u8]>> {
        match self {
            Order::Little => parse_block_le(record),
            Order::Big => parse_block_be(record),
        }
    }
}

impl Format {
    /// The format of a capture that begins with `start`, and the bytes of its header; `None` if more bytes are needed.
    ///
    /// # Errors
    /// It is no capture, or its frames are not Ethernet.
    pub(super) fn of(start: &[u8]) -> Result<Option<(Format, usize)>, CaptureError> {
        let Some(&first) = start.first_chunk::<4>() else {
            return Ok(None);
        };
        if u32::from_be_bytes(first) == block::SECTION {
            let format = Format::PcapNg {
                order: Order::Little,
                interfaces: Vec::new(),
                has_ethernet: false,
                other: None,
            };
            return Ok(Some((format, 0)));
        }
        if let Some(program) = compressed(first) {
            return Err(CaptureError::Compressed { program });
        }
        // Microseconds, nanoseconds, and records with eight more bytes.
        const MAGIC: [u32; 3] = [0xa1b2_c3d4, 0xa1b2_3c4d, MODIFIED];
        const MODIFIED: u32 = 0xa1b2_cd34;
        let is_magic = |order: &Order| order.u32(&first, 0).is_some_and(|n| MAGIC.contains(&n));
        let Some(order) = [Order::Little, Order::Big].into_iter().find(is_magic) else {
            return Err(CaptureError::NotACapture { first });
        };
        let Some(network) = order.u32(start, HEADER - 4) else {
            return Ok(None);
        };
        // The upper bits say how many 16-bit words of CRC each frame has, if the `f` bit is set.
        let link = network & 0x03ff_ffff;
        let crc = match network & 0x0400_0000 {
            0 => 0,
            _ => network >> 28 << 1,
        };
        if link != ETHERNET {
            return Err(CaptureError::NotEthernet { link });
        }
        let format = Format::Pcap {
            order,
            head: match order.u32(start, 0) {
                Some(MODIFIED) => 24,
                _ => 16,
            },
            crc,
        };
        Ok(Some((format, HEADER)))
    }

    /// The record that begins with `start`, after frame `after`; `None` if more bytes are needed.
    ///
    /// # Errors
    /// It has an impossible length.
    pub(super) fn record(
        &mut self,
        start: &[u8],
        after: u64,
    ) -> Result<Option<Record>, CaptureError> {
        let damaged = |why| CaptureError::Damaged { after, why };
        match self {
            Format::Pcap { order, head, .. } => {
                let captured = order.u32(start, 8);
                Ok(captured.map(|captured| Record {
                    len: *head as u64 + u64::from(captured),
                    is_frame: true,
                }))
            }
            Format::PcapNg { order, .. } => {
                if start.len() < 12 {
                    return Ok(None);
                }
                if order.u32(start, 0) == Some(block::SECTION) {
                    *order = match [Order::Little, Order::Big]
                        .map(|order| order.u32(start, 8) == Some(0x1a2b_3c4d))
                    {
                        [true, _] => Order::Little,
                        [_, true] => Order::Big,
                        _ => return Err(damaged("a section has no byte order")),
                    };
                }
                let (Some(kind), Some(len)) = (order.u32(start, 0), order.u32(start, 4)) else {
                    return Ok(None);
                };
                if len < 12 {
                    return Err(damaged("a block is shorter than its header"));
                }
                Ok(Some(Record {
                    len: len.into(),
                    is_frame: matches!(
                        kind,
                        block::PACKET | block::SIMPLE_PACKET | block::ENHANCED_PACKET
                    ),
                }))
            }
        }
    }

    /// Nothing comes after the last record.
    ///
    /// # Errors
    /// All frames were of interfaces that are not Ethernet.
    pub(super) fn end(&self) -> Result<(), CaptureError> {
        match *self {
            Format::PcapNg {
                has_ethernet: false,
                other: Some(link),
                ..
            } => Err(CaptureError::NotEthernet { link }),
            _ => Ok(()),
        }
    }

    /// What a whole record has.
    ///
    /// # Errors
    /// It is invalid, and so is what follows.
    pub(super) fn content(&mut self, record: &[u8], after: u64) -> Result<Content, CaptureError> {
        match self {
            Format::Pcap { order, head, crc } => {
                let captured = record.len() - *head;
                let original = order.u32(record, 12).unwrap_or(0);
                Ok(frame(*head, captured, original, *crc))
            }
            Format::PcapNg {
                order,
                interfaces,
                has_ethernet,
                other,
            } => {
                let damaged = |why| CaptureError::Damaged { after, why };
                let lengths = [order.u32(record, 4), order.u32(record, record.len() - 4)];
                if lengths[0] != lengths[1] {
                    return Err(damaged("the two lengths of a block differ"));
                }
                let content = match order.u32(record, 0).unwrap_or(0) {
                    block::SECTION => {
                        interfaces.clear();
                        Content::Other
                    }
                    block::INTERFACE => match order.block(record) {
                        Ok((_, Block::InterfaceDescription(described))) => {
                            let interface = Interface::of(&described);
                            *has_ethernet |= interface.link == ETHERNET;
                            interfaces.push(interface);
                            Content::Other
                        }
                        _ => return Err(damaged("the description of an interface is invalid")),
                    },
                    block::PACKET => {
                        let interface = order.u16(record, 8).unwrap_or(u16::MAX);
                        captured_on(interfaces, interface.into(), |interface| {
                            let captured = order.u32(record, 20).unwrap_or(u32::MAX);
                            let original = order.u32(record, 24).unwrap_or(0);
                            match captured as usize <= record.len().saturating_sub(32) {
                                true => frame(28, captured as usize, original, interface.crc),
                                false => Content::Bad(BadFrame::Invalid),
                            }
                        })
                    }
                    block::SIMPLE_PACKET => match order.block(record) {
                        Ok((_, Block::SimplePacket(packet))) => {
                            captured_on(interfaces, 0, |interface| {
                                let captured = match interface.snap {
                                    0 => packet.origlen,
                                    snap => packet.origlen.min(snap),
                                };
                                match captured as usize <= packet.data.len() {
                                    true => {
                                        frame(12, captured as usize, packet.origlen, interface.crc)
                                    }
                                    false => Content::Bad(BadFrame::Invalid),
                                }
                            })
                        }
                        _ => Content::Bad(BadFrame::Invalid),
                    },
                    block::ENHANCED_PACKET => match order.block(record) {
                        Ok((_, Block::EnhancedPacket(packet))) => {
                            captured_on(interfaces, packet.if_id, |interface| {
                                let crc = crc_of(&packet, *order).unwrap_or(interface.crc);
                                frame(28, packet.caplen as usize, packet.origlen, crc)
                            })
                        }
                        _ => Content::Bad(BadFrame::Invalid),
                    },
                    _ => Content::Other,
                };
                if let Content::Bad(BadFrame::NotEthernet { link }) = content {
                    other.get_or_insert(link);
                }
                Ok(content)
            }
        }
    }
}

impl Interface {
    fn of(described: &InterfaceDescriptionBlock<'_>) -> Interface {
        const CRC_LENGTH: OptionCode = OptionCode(13);
        let crc = described.options.iter().find(|o| o.code == CRC_LENGTH);
        Interface {
            link: described.linktype.0.cast_unsigned(),
            snap: described.snaplen,
            // In bits; some programs write bytes.
            crc: match crc.and_then(|option| option.value().first()) {
                Some(&bits @ 8..) => u32::from(bits / 8),
                Some(&bytes) => bytes.into(),
                None => 0,
            },
        }
    }
}

/// The content of a frame of interface number `interface`, if that is Ethernet.
fn captured_on(
    interfaces: &[Interface],
    interface: u32,
    content: impl FnOnce(Interface) -> Content,
) -> Content {
    match interfaces.get(interface as usize) {
        None => Content::Bad(BadFrame::NoInterface { interface }),
        Some(&on) if on.link == ETHERNET => content(on),
        // A capture of several interfaces may have frames of others, also before it describes one that is Ethernet.
        Some(&Interface { link, .. }) => Content::Bad(BadFrame::NotEthernet { link }),
    }
}

/// Bytes of CRC at the end of a frame, if its flags say so.
fn crc_of(packet: &EnhancedPacketBlock<'_>, order: Order) -> Option<u32> {
    const FLAGS: OptionCode = OptionCode(2);
    let flags = (packet.options.iter()).find(|option: &&PcapNGOption<'_>| option.code == FLAGS)?;
    match order.u32(flags.value(), 0)? >> 5 & 0xf {
        0 => None,
        bytes => Some(bytes),
    }
}

/// A frame of which `captured` bytes are at `at` of its record. Its last `crc` bytes are left out.
fn frame(at: usize, captured: usize, original: u32, crc: u32) -> Content {
    // Some programs write no original length.
    let original = original.max(u32::try_from(captured).unwrap_or(u32::MAX));
    let original = original.saturating_sub(crc);
    match captured.min(original as usize) {
        0 => Content::Bad(BadFrame::Empty),
        len => Content::Frame { at, len, original },
    }
}

/// The program that decompresses a file that begins with `first`.
fn compressed(first: [u8; 4]) -> Option<&'static str> {
    match first {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x28, 0xb5, 0x2f, 0xfd] => Some("zstd"),
        [0xfd, b'7', b'z', b'X'] => Some("xz"),
        [b'B', b'Z', b'h', _] => Some("bzip2"),
        [0x04, 0x22, 0x4d, 0x18] => Some("lz4"),
        _ => None,
    }
}
