//! The hardware's rules, which a driver must follow in every behaviour.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use netmap_sim::Device;

/// The devices that a trial has created.
#[derive(Debug, Default)]
struct Devices {
    /// How many of them were not removed.
    left: u32,
    /// The violations of those that were.
    violations: String,
}

thread_local! {
    /// Those of this thread's trial.
    static DEVICES: RefCell<Arc<Mutex<Devices>>> = RefCell::default();
}

fn lock(devices: &Mutex<Devices>) -> MutexGuard<'_, Devices> {
    devices.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Records what `device` has against its driver when it is removed. A behaviour that expects violations takes them.
pub fn watch(device: &Device) {
    let devices = DEVICES.with_borrow(Arc::clone);
    lock(&devices).left += 1;
    device.at_removal(move |violations| {
        let mut devices = lock(&devices);
        devices.left -= 1;
        devices.violations.push_str(&violations.to_string());
    });
}

/// Runs a behaviour, and asserts that all its devices were removed and none recorded a violation.
pub fn check<T>(behaviour: impl FnOnce() -> T) -> T {
    let devices = Arc::default();
    DEVICES.set(Arc::clone(&devices));
    let result = behaviour();
    let Devices { left, violations } = &*lock(&devices);
    assert!(violations.is_empty(), "{violations}");
    assert_eq!(*left, 0, "devices whose violations nobody has seen");
    result
}
