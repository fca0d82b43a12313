#[path = "../toy.rs"]
mod toy;

use netmap_derive::Nic;
use toy::{Regs, Rx, Tx};

#[derive(Nic)]
#[nic(name = "toy", title = "Toy Controller", bar = 0, bar_size = 0x2_0000)]
#[nic(pci(0x8086:0x100e))]
#[nic(transmit(
    format = Tx,
    doorbell = bell,
    kick(0x140, again),
    restart = device,
    completions(owner_bit),
    queues = 1,
    slots = 8..=4096,
    multiple = 8,
    align = 16,
    address_bits = 64,
))]
#[nic(receive(
    format = Rx,
    doorbell = rdt,
    restart = queue,
    queues = 1,
    slots = 8..=4096,
    multiple = 8,
    align = 16,
    address_bits = 64,
    buffer_size = 2048,
    frame_max = 1518,
))]
#[nic(registers = Regs, multicast(address_bits = 36..48), statistics = &[])]
pub struct Toy;

fn main() {}
