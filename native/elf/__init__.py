"""ELF files: headers, symbols and identities."""
