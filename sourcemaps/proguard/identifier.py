"""Knows mapping files of ProGuard and R8, by themselves and in app bundles.

================  ======================================================================================
``debug_id``      the UUID of the bytes, which Sentry's tools put into ``debug_meta``
``debug_id``      ``pg_map_id`` and ``pg_map_hash``, which R8 puts into stack traces (``r8-map-id-…``)
``path``          where it lies, and ``mapping.txt``: the only mapping of a release is found by that
================  ======================================================================================
"""

from collections.abc import Iterator

from sourcemaps.proguard.archives import MemberBlob, mapping_paths, read_member
from sourcemaps.proguard.mapping import Mapping, load_mapping
from sourcemaps.proguard.mapping_file import MappingHeader, is_mapping, mapping_uuid, read_header
from symbolicator.errors import MalformedArtifact
from symbolicator.protocols import Blob, Buffer, Identity, IndexCache, Key

PROGUARD = "proguard"
MAPPING_NAME = "mapping.txt"
"""Name under which every mapping file is found, whatever it is called."""


class ProguardIdentifier:
    """Identifies and opens mapping files."""

    name = "ProGuard"
    kinds = frozenset({PROGUARD})

    def identify(self, name: str, data: Buffer) -> tuple[Identity, ...]:
        """What the file is; empty if it has no mapping. Never raises."""
        if is_mapping(data):
            return (_identity(name, data),)
        return tuple(_in_archive(name, data))

    def load(self, kind: str, blob: Blob, cache: IndexCache) -> Mapping:  # noqa: ARG002 - there is one kind
        """Opens the mapping. Raises `symbolicator.errors.MalformedArtifact`."""
        with blob.open() as data:
            paths = () if is_mapping(data) else mapping_paths(data)
        return load_mapping(MemberBlob(blob, paths[0]) if paths else blob, cache)


IDENTIFIER = ProguardIdentifier()


def _in_archive(name: str, data: Buffer) -> Iterator[Identity]:
    """The first mapping file of an archive: an app bundle has one."""
    for path in mapping_paths(data)[:1]:
        try:
            content = read_member(data, path)
        except MalformedArtifact:
            return
        if is_mapping(content):
            yield _identity(f"{name}/{path}", content)


def _identity(name: str, data: Buffer) -> Identity:
    header, uuid = read_header(data), mapping_uuid(data)
    ids = (uuid, header.map_id, header.map_hash)
    keys = {Key(PROGUARD, "debug_id", value) for value in ids if value}
    keys |= {Key(PROGUARD, "path", name), Key(PROGUARD, "path", MAPPING_NAME)}
    return Identity(PROGUARD, frozenset(keys), f"mapping file of {header.title}", _details(header, uuid))


def _details(header: MappingHeader, uuid: str) -> dict[str, str]:
    said = {"format": header.title, "uuid": uuid, "map id": header.map_id, "map hash": header.map_hash}
    return {name: value for name, value in said.items() if value}
