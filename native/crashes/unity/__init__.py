"""Player logs of Unity: exceptions of scripts, and crashes of the player.

Exceptions in mono's form (`` at Shop.Cart.Total () [0x00000] in <0000…>:0``) are read by `native.crashes.dotnet`,
native crashes in Android's form by the readers of tombstones and logcat.
"""
