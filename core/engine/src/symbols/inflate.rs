//! Compressed sections, inflated two at a time.

use std::borrow::Cow;
use std::sync::Mutex;

use object::CompressedData;

/// Threads that inflate.
const THREADS: usize = 2;

/// Inflates what is compressed; a damaged section becomes an empty one. Sizes were checked by the caller.
pub(super) fn in_parallel<'d, K: Copy + Send>(
    packed: Vec<(K, CompressedData<'d>)>,
) -> Vec<(K, Cow<'d, [u8]>)> {
    let mut queue: Vec<_> = packed.into_iter().collect();
    // The longest first, so that no thread is left alone with it at the end.
    queue.sort_by_key(|(_, data)| data.uncompressed_size);
    let queue = Mutex::new(queue);
    let work = || {
        let mut done = Vec::new();
        while let Some((key, data)) = queue.lock().map_or(None, |mut queue| queue.pop()) {
            done.push((key, data.decompress().unwrap_or(Cow::Borrowed(&[]))));
        }
        done
    };
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        for other in others {
            // A panic in a worker is a bug; the caller is to see it as its own.
            results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        results
    })
}
