//! Ending a conversion that nobody waits for any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::DebugFileError;

/// Whether a conversion is to end; clones are the same handle. It is looked at every unit, every few thousand rows and
/// every chunk that is inflated, so that little work follows.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends every conversion that was given this handle, from any thread.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether [`Cancel::cancel`] was called.
    #[inline]
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// An error once the conversion is to end.
    pub(super) fn check(&self) -> Result<(), DebugFileError> {
        if self.is_cancelled() { Err(DebugFileError::Cancelled) } else { Ok(()) }
    }
}
