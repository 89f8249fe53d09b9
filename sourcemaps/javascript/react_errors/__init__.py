"""React's minified error codes, decoded: ``Minified React error #31; visit …`` becomes the message that it stands for.

Production builds of React carry numbers in place of messages. The numbers never change their meaning, but the wording
does from version to version, so ``table.json`` has, for each code, every wording with the version that it begins in::

    "284":{"":"Expected ref to be a function, a string, …","19.0":"Expected ref to be a function, an object …"}

An empty version is the beginning. `recipe` made the table from React's own builds on npm; the messages are React's
(copyright Meta Platforms, Inc. and affiliates, MIT License).
"""
