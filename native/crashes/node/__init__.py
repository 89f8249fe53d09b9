"""Node.js' own last words: fatal errors of V8 with a native stack, and diagnostic reports (``node --report…``).

Stacks of JavaScript errors alone are read by `sourcemaps.javascript`.
"""
