"""Text of .NET and mono: exceptions with their inner ones, and mono's report of a crash in native code."""
