"""What minidumps are sent in: bodies of uploads, and Unreal Engine's crash files.

The dump inside becomes the event; what was sent along goes with it.
"""
