//! What a change of a ring protocol means.

use crate::difference::change::{Change, Difference};

pub(super) fn of(change: &Change, direction: &str) -> Vec<String> {
    let differs = change.kind.differing().into_iter();
    differs.map(|each| sentence(each, direction)).collect()
}

fn sentence(differs: &Difference, direction: &str) -> String {
    let (was, is) = (differs.was(), differs.is());
    let (gone, now) = (differs.new.is_none(), differs.now());
    let (aspect, element) = differs.key();
    match aspect {
        "queues" => format!("A port has up to {is} {direction} queues instead of {was}."),
        "restart" if is == "device" => format!("Restarting one {direction} ring now resets the device, and every ring with it."),
        "restart" => format!("A {direction} ring now restarts with its own queue; the other rings keep running."),
        "ring.min" => format!("The smallest {direction} ring has {is} descriptors instead of {was}."),
        "ring.max" => format!("The largest {direction} ring has {is} descriptors instead of {was}."),
        "ring.multiple" => format!("The length of a {direction} ring is a multiple of {is} descriptors instead of {was}."),
        "ring.align" => format!("A {direction} ring begins at a multiple of {is} bytes instead of {was}: the NIC ignores the lower bits of its address."),
        "ring.address_bits" => format!("The NIC uses {is} address bits for {direction} DMA instead of {was}."),
        "registers.base_low" | "registers.base_high" | "registers.bytes" | "registers.head" | "registers.tail" => {
            let what = match aspect {
                "registers.base_low" => "the low half of the ring's address",
                "registers.base_high" => "the high half of the ring's address",
                "registers.bytes" => "the length of the ring",
                "registers.head" => "the NIC's position",
                _ => "the driver's position",
            };
            match gone {
                true => format!("No register has {what} any more; it was in `{was}`."),
                false => format!("`{is}` now has {what} of {direction} instead of `{was}`."),
            }
        }
        "doorbell.kind" => format!("The doorbell of {direction} has another kind: `{is}` instead of `{was}`."),
        "doorbell.register" => format!("The doorbell register of {direction} is `{is}` instead of `{was}`."),
        "doorbell.set" => format!("A kick of {direction} {now} has `{element}`."),
        "doorbell.keep" => format!("A kick of {direction} {now} keeps `{element}` one."),
        "doorbell.again" if is == "true" => format!("A kick of {direction} can be lost, so it is repeated."),
        "doorbell.again" => format!("A kick of {direction} is never lost, so it is not repeated."),
        "frame.min" => format!("The shortest frame that is sent has {is} bytes instead of {was}; shorter ones are refused."),
        "frame.max" => format!("The longest frame that is sent has {is} bytes instead of {was}; longer ones are refused."),
        "frame.pads_to" if is == "0" => "The NIC no longer pads short frames.".to_owned(),
        "frame.pads_to" => format!("The NIC pads short frames to {is} bytes instead of {was}."),
        "frame.descriptors" => format!("One frame has at most {is} descriptors instead of {was}."),
        "frame_max" => format!("The longest frame that is received has {is} bytes instead of {was}."),
        "buffer.size" => format!("The NIC may write {is} bytes into one buffer instead of {was}."),
        "completion" if gone => format!("The NIC no longer reports completed {direction} descriptors with `{element}`."),
        "completion" if differs.old.is_none() => format!("The NIC can now report completed {direction} descriptors with `{element}`."),
        "completion" => format!("The NIC reports completed {direction} descriptors with `{element}` as `{is}` instead of `{was}`."),
        "completion.scheme" | "completion.format" | "completion.field" => format!("A completed {direction} descriptor is recognised by the {} `{is}` instead of `{was}`.", aspect.trim_start_matches("completion.")),
        "first" if element == "completion" => format!("The default completion scheme of {direction} is `{is}` instead of `{was}`."),
        "encode.format" | "arm.format" => format!("The driver writes {direction} descriptors of the format `{is}` instead of `{was}`."),
        "encode.set" | "arm.set" if gone => format!("The driver now writes `{element}` as zero; it was {was}."),
        "encode.set" | "arm.set" if differs.old.is_none() => format!("The driver now writes {is} to `{element}`; it was zero."),
        "encode.set" | "arm.set" => format!("The driver writes {is} to `{element}` instead of {was}."),
        "encode.first" => format!("The driver {now} sets `{element}` on the first descriptor of a frame."),
        "encode.last" => format!("The driver {now} sets `{element}` on the last descriptor of a frame."),
        "encode.end_of_ring" | "arm.end_of_ring" => format!("The driver {now} sets `{element}` on the last descriptor of the ring."),
        "encode.report" => format!("The driver {now} sets `{element}` on descriptors whose completion the NIC reports."),
        "first" => format!("The driver {now} expects `{element}` on the first descriptor of a frame."),
        "last" => format!("The driver {now} expects `{element}` on the last descriptor of a frame."),
        "good.set" => format!("A received frame {now} counts as bad unless `{element}` is one."),
        "good.clear" => format!("A received frame {now} counts as bad unless `{element}` is zero."),
        "length" => format!("The received length is read from `{is}` instead of `{was}`."),
        "length_of" => format!("The received length is that of the {is} instead of the {was}."),
        "crc.stripped_when" => format!("Whether the NIC strips the CRC {now} depends on `{element}`."),
        "CRC" if is == "stripped" => "The NIC now strips the CRC of received frames, so lengths do not include it.".to_owned(),
        "CRC" if let Some(choice) = is.strip_prefix("stripped by ") => {
            format!("The NIC strips the CRC of received frames while `{choice}` is on; otherwise the driver subtracts it from the length.")
        }
        "CRC" => "The CRC of received frames now reaches the buffer, and the driver subtracts it from the length.".to_owned(),
        "vlan.stripped_when" => format!("Whether the NIC strips the VLAN tag {now} depends on `{element}`."),
        other => format!("{other} of {direction} is {is} and was {was}."),
    }
}
