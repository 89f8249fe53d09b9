"""What Android leaves behind: tombstones as text and as protobuf, thread dumps, logcat.

The readers stand in `tombstone_reader`, `native.crashes.java.dump_reader` and `logcat_reader`.
"""
