//! Why a debug file cannot be read.

/// The bytes are no debug file that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DebugFileError {
    /// The bytes do not start as any debug file does.
    #[error(
        "not a debug file (ELF, Mach-O, PE, PDB, portable PDB, WebAssembly, Breakpad, perf map, jitdump, kallsyms)"
    )]
    Unknown,
    /// A universal binary without the file that was asked for.
    #[error("a universal binary that does not hold that file")]
    Empty,
    /// The headers contradict themselves or the length of the file.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A valid file of a kind that has no answers.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A limit against hostile files was hit.
    #[error("the file exceeds a limit: {0}")]
    TooLarge(&'static str),
}

impl From<object::Error> for DebugFileError {
    fn from(error: object::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}
