"""A store that answers from the web. For one event: it asks for every URL once, and remembers what failed too."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from symbolicator.protocols import Artifact, Identifier, IndexCache, Key, Missing
from symbolicator.store.blobs import BytesBlob
from symbolicator.store.folder import identify
from symbolicator.store.opened import Opener
from symbolicator.store.web.failures import CHECK, FetchFailed
from symbolicator.store.web.fetcher import Fetcher, Page
from symbolicator.store.web.origins import is_web_url, parse_url

KINDS = frozenset({"minified", "sourcemap"})
Progress = Callable[[int, int | None, str], None]
_NAMED_BY_HEADER = ("sourcemap", "x-sourcemap")


class _Fetched(Struct, frozen=True):
    """The bytes of a URL, known under ``name`` (where it was in the end), and what they are."""

    blob: BytesBlob
    kinds: frozenset[str]
    headers: Mapping[str, str]


class WebStore:
    """Finds generated JavaScript and source maps under their URLs. Thread-safe."""

    def __init__(
        self,
        fetcher: Fetcher,
        identifiers: Sequence[Identifier],
        cache: IndexCache,
        *,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher, self._limits = fetcher, fetcher.limits
        self._identifiers, self._opener = identifiers, Opener(identifiers, cache)
        self._progress, self._clock = progress, clock
        self._known: dict[str, _Fetched | FetchFailed] = {}
        self._count, self._bytes, self._seconds = 0, 0, 0.0
        self._fetching = threading.Lock()

    def fetch(self, keys: frozenset[Key]) -> Mapping[Key, Artifact | Missing]:
        """An answer for every key; what cannot be fetched says why and what to do."""
        return {key: self._answer(key) for key in sorted(keys)}

    def _answer(self, key: Key) -> Artifact | Missing:
        if key.kind not in KINDS or key.by != "url" or not is_web_url(key.value):
            return Missing(key, "It has no URL to fetch it from.")
        found = self._fetched(key.value)
        url = parse_url(key.value)
        shown = url.shown if url else "The URL"
        if isinstance(found, FetchFailed):
            return Missing(key, f"{shown} was not fetched: {found}.", remedy=found.remedy)
        if key.kind not in found.kinds:
            kind = found.headers.get("content-type", "unknown")[:60]
            return Missing(key, f"{shown} was fetched and is no {key.kind} file (type {kind}).", remedy=CHECK)
        opened = self._opener.open(key, found.blob.name, found.blob)
        return replace(opened, headers=found.headers) if isinstance(opened, Artifact) else opened

    def _fetched(self, url: str) -> _Fetched | FetchFailed:
        parsed = parse_url(url)
        place = parsed.text if parsed else url
        with self._fetching:
            known = self._known.get(place)
            if known is None:
                known = self._known[place] = self._fetch_now(url)
            if isinstance(known, _Fetched):
                self._known.setdefault(known.blob.name, known)
            return known

    def _fetch_now(self, url: str) -> _Fetched | FetchFailed:
        try:
            self._check_budget()
            return self._identified(url, self._timed(url))
        except FetchFailed as error:
            return error

    def _check_budget(self) -> None:
        limits = self._limits
        spent = (self._count >= limits.fetches, self._bytes >= limits.bytes, self._seconds >= limits.seconds)
        if any(spent):
            used = f"{self._count} fetches, {self._bytes:,} bytes, {self._seconds:.0f} s"
            raise FetchFailed(
                "budget",
                f"what may be fetched for one crash is used up ({used})",
                "Pass the folder that holds the files with --artifacts.",
            )

    def _timed(self, url: str) -> Page:
        self._count += 1
        if self._progress:
            self._progress(self._count, None, url.partition("?")[0])
        left = self._limits.bytes - self._bytes, self._limits.seconds - self._seconds
        start = self._clock()
        try:
            page = self._fetcher.fetch(url, most_bytes=left[0], seconds=left[1])
        finally:
            self._seconds += self._clock() - start
        self._bytes += len(page.data)
        return page

    def _identified(self, wanted: str, page: Page) -> _Fetched:
        """What the bytes say that they are; a script that says nothing of itself may be named one by a header."""
        blob = BytesBlob(self._name(wanted, page), page.data)
        with blob.open() as data:
            identities = identify(blob.name, data, self._identifiers, lambda _: None)
        kinds = {identity.kind for identity in identities}
        if any(name in page.headers for name in _NAMED_BY_HEADER):
            kinds.add("minified")
        return _Fetched(blob, frozenset(kinds), page.headers)

    def _name(self, wanted: str, page: Page) -> str:
        """Where it was found, for what it names relatively. A redirect's query may be a secret: it is left out."""
        if page.url == parse_url(wanted):
            return wanted
        return page.url.text if page.url.bare in self._known else page.url.bare
