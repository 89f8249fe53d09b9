//! Source maps (ECMA-426).
