//! Debug files.
