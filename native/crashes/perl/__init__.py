"""Perl: what `die` and Carp print."""
