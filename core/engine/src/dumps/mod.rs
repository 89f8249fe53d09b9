//! Dumps of crashed processes: registers, stacks and images as plain values. Stacks are walked elsewhere.

pub mod minidump;
