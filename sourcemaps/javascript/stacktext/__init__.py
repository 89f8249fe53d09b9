"""Reads raw JavaScript stack text, as an engine or a console printed it, into an event.

::

    TypeError: x is undefined                          header: `header`
        at total (https://shop.example/app.js:1:985)   V8 and Hermes: `v8`
    total@https://shop.example/app.js:1:985            SpiderMonkey, JavaScriptCore, React Native: `at_sign`
      [cause]: Error: no price                         causes and properties as Node.js prints them: `inspected`

Each line is parsed on its own, so that texts in which engines mix are read too. `report` puts the lines together.
"""
