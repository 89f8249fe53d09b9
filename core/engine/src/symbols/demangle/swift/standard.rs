//! Types of the standard library that have a letter of their own: `Si` is `Swift.Int`.

use super::node::Nominal::{self, Class, Enum, Protocol, Struct};

/// The type behind `S` and this letter, or behind `Sc` and it.
pub(super) fn named(letter: u8, is_second: bool) -> Option<(Nominal, &'static str)> {
    if is_second { second(letter) } else { first(letter) }
}

fn first(letter: u8) -> Option<(Nominal, &'static str)> {
    Some(match letter {
        b'A' => (Struct, "AutoreleasingUnsafeMutablePointer"),
        b'a' => (Struct, "Array"),
        b'B' => (Protocol, "BinaryFloatingPoint"),
        b'b' => (Struct, "Bool"),
        b'D' => (Struct, "Dictionary"),
        b'd' => (Struct, "Double"),
        b'E' => (Protocol, "Encodable"),
        b'e' => (Protocol, "Decodable"),
        b'F' => (Protocol, "FloatingPoint"),
        b'f' => (Struct, "Float"),
        b'G' => (Protocol, "RandomNumberGenerator"),
        b'H' => (Protocol, "Hashable"),
        b'h' => (Struct, "Set"),
        b'I' => (Struct, "DefaultIndices"),
        b'i' => (Struct, "Int"),
        b'J' => (Struct, "Character"),
        b'j' => (Protocol, "Numeric"),
        b'K' => (Protocol, "BidirectionalCollection"),
        b'k' => (Protocol, "RandomAccessCollection"),
        b'L' => (Protocol, "Comparable"),
        b'l' => (Protocol, "Collection"),
        b'M' => (Protocol, "MutableCollection"),
        b'm' => (Protocol, "RangeReplaceableCollection"),
        b'N' => (Struct, "ClosedRange"),
        b'n' => (Struct, "Range"),
        b'O' => (Struct, "ObjectIdentifier"),
        b'P' => (Struct, "UnsafePointer"),
        b'p' => (Struct, "UnsafeMutablePointer"),
        b'Q' => (Protocol, "Equatable"),
        b'q' => (Enum, "Optional"),
        b'R' => (Struct, "UnsafeBufferPointer"),
        b'r' => (Struct, "UnsafeMutableBufferPointer"),
        b'S' => (Struct, "String"),
        b's' => (Struct, "Substring"),
        b'T' => (Protocol, "Sequence"),
        b't' => (Protocol, "IteratorProtocol"),
        b'U' => (Protocol, "UnsignedInteger"),
        b'u' => (Struct, "UInt"),
        b'V' => (Struct, "UnsafeRawPointer"),
        b'v' => (Struct, "UnsafeMutableRawPointer"),
        b'W' => (Struct, "UnsafeRawBufferPointer"),
        b'w' => (Struct, "UnsafeMutableRawBufferPointer"),
        b'X' => (Protocol, "RangeExpression"),
        b'x' => (Protocol, "Strideable"),
        b'Y' => (Protocol, "RawRepresentable"),
        b'y' => (Protocol, "StringProtocol"),
        b'Z' => (Protocol, "SignedInteger"),
        b'z' => (Protocol, "BinaryInteger"),
        _ => return None,
    })
}

fn second(letter: u8) -> Option<(Nominal, &'static str)> {
    Some(match letter {
        b'A' => (Protocol, "Actor"),
        b'C' => (Struct, "CheckedContinuation"),
        b'c' => (Struct, "UnsafeContinuation"),
        b'E' => (Struct, "CancellationError"),
        b'e' => (Struct, "UnownedSerialExecutor"),
        b'F' => (Protocol, "Executor"),
        b'f' => (Protocol, "SerialExecutor"),
        b'G' => (Struct, "TaskGroup"),
        b'g' => (Struct, "ThrowingTaskGroup"),
        b'h' => (Protocol, "TaskExecutor"),
        b'I' => (Protocol, "AsyncIteratorProtocol"),
        b'i' => (Protocol, "AsyncSequence"),
        b'J' => (Struct, "UnownedJob"),
        b'M' => (Class, "MainActor"),
        b'P' => (Struct, "TaskPriority"),
        b'S' => (Struct, "AsyncStream"),
        b's' => (Struct, "AsyncThrowingStream"),
        b'T' => (Struct, "Task"),
        b't' => (Struct, "UnsafeCurrentTask"),
        _ => return None,
    })
}
