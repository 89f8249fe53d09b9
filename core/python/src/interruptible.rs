//! Conversions that Ctrl-C ends, and whatever else is to be raised in the thread that waits for them.

use std::panic::resume_unwind;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::scope;
use std::time::Duration;

use pyo3::prelude::*;
use symbolicator_engine::symbols::Cancel;

/// How long a signal may wait.
const PATIENCE: Duration = Duration::from_millis(50);

/// Runs `work` on a thread of its own, without the GIL. Its handle is cancelled with `token`, or when something is
/// raised in the calling thread, which is returned once the work has ended.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    token: &Cancel,
    work: impl FnOnce(&Cancel) -> T + Send,
) -> PyResult<T> {
    // Ctrl-C ends this conversion and none of the others that share the token.
    let own = &Cancel::default();
    py.detach(|| {
        scope(|scope| {
            let (sender, receiver) = channel();
            // Nobody receives once an exception is on its way.
            let worker = scope.spawn(move || drop(sender.send(work(own))));
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(result) => return Ok(result),
                    Err(RecvTimeoutError::Timeout) if token.is_cancelled() => own.cancel(),
                    Err(RecvTimeoutError::Timeout) => {
                        Python::attach(raise_pending).inspect_err(|_| own.cancel())?;
                    }
                    Err(RecvTimeoutError::Disconnected) => resume_unwind(panic_of(worker.join())),
                }
            }
        })
    })
}

/// Fails with the exception of a signal handler, or one that another thread set for this one, as time limits do: Python
/// raises it where it begins to run code.
fn raise_pending(py: Python<'_>) -> PyResult<()> {
    py.check_signals()?;
    py.eval(c"None", None, None).map(drop)
}

fn panic_of(joined: std::thread::Result<()>) -> Box<dyn std::any::Any + Send> {
    joined.err().unwrap_or_else(|| Box::new("the work ended without a result"))
}
