//! Errors of models, devices and wires.

use std::io;

use pcap_file::PcapError;
use thiserror::Error;

/// A model from which no device can be built.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The model has no variant of that name.
    #[error("there is no variant {variant}")]
    NoVariant {
        /// The name.
        variant: String,
    },
    /// A table names a register that the model does not have.
    #[error("{wanted_by} names register {register}, which the model does not have")]
    NoRegister {
        /// The name.
        register: String,
        /// The table.
        wanted_by: &'static str,
    },
    /// A table names a field that the register does not have.
    #[error("{wanted_by} names field {register}.{field}, which the model does not have")]
    NoField {
        /// The register or descriptor.
        register: String,
        /// The name.
        field: String,
        /// The table.
        wanted_by: &'static str,
    },
    /// A table names an element that the array does not have.
    #[error("{wanted_by} names {register}[{element}], which the model does not have")]
    NoElement {
        /// The array.
        register: String,
        /// The element.
        element: u32,
        /// The table.
        wanted_by: &'static str,
    },
    /// Two registers have the same name.
    #[error("there are two registers {register}")]
    Twice {
        /// The name.
        register: String,
    },
    /// Two registers share a byte.
    #[error("{register} and {other} overlap at {offset:#07x}")]
    Overlap {
        /// The lower one.
        register: String,
        /// The higher one.
        other: String,
        /// Where the higher one begins.
        offset: u32,
    },
    /// A register is invalid.
    #[error("{register} {problem}")]
    Register {
        /// The register.
        register: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A descriptor format is invalid.
    #[error("descriptor {format} {problem}")]
    Descriptor {
        /// The format.
        format: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// A device that could not be created.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeviceError {
    /// Its model is inconsistent.
    #[error("the device model is inconsistent")]
    Model(#[from] ModelError),
    /// Its thread could not be created.
    #[error("cannot create the device's thread")]
    Thread(#[from] io::Error),
}

/// A wire failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WireError {
    /// A capture could not be read or written.
    #[error("capture")]
    Pcap(#[from] PcapError),
    /// A file or a socket failed.
    #[error("wire")]
    Io(#[from] io::Error),
}
