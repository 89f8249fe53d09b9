"""Artifacts fetched from the web: off unless somebody names the origins that may be asked.

::

    allowed = AllowList([parse_origin("https://cdn.example"), parse_origin("https://*.shop.example")])
    store = WebStore(Fetcher(allowed), identifiers, FolderCache())  # one an event

What a crash report names is an attacker's to choose, so nothing here trusts a URL: only allow-listed origins are asked,
also after a redirect; a name must lead to public addresses alone, and the connection goes to the very address that was
checked; bytes, seconds and fetches are limited. No cookies, no credentials, no Referer, no proxy from the environment.
"""

from symbolicator.store.web.failures import FetchFailed
from symbolicator.store.web.fetcher import Fetcher, Limits, Page
from symbolicator.store.web.origins import AllowList, Origin, parse_origin
from symbolicator.store.web.store import WebStore

__all__ = ["AllowList", "FetchFailed", "Fetcher", "Limits", "Origin", "Page", "WebStore", "parse_origin"]
