"""React Native where JavaScript meets native code: who called, and which native error caused one of JavaScript.

These are transformers of the group ``symbolicator.unwinders``: they add frames and stacks for all others to resolve.
"""
