r"""Go: panics, fatal errors and goroutine dumps, as its runtime prints them.

::

    panic: no price                                         `headers`: what happened
    goroutine 7 [chan receive, 5 minutes]:                  `dump`: one goroutine
    main.(*Cart).Total(0xc000010000, {0x1, 0x2})            `frames`: one call
    \t/srv/shop/cart.go:12 +0x1d
    created by main.main in goroutine 1
"""
