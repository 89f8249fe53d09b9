"""JavaScript: its artifacts, its stack texts, and the transformer that resolves its frames."""
