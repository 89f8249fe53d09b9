//! Why a mapping file has no index.

/// What is wrong with the bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProguardError {
    /// No line of it maps a class.
    #[error("no line of it maps a class")]
    NoMapping,
    /// Something in it outgrows the index.
    #[error("mapping file too large: {0}")]
    TooLarge(&'static str),
}
