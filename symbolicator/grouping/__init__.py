"""Which crashes belong together: the same fingerprint, or nearly the same trace.

>>> from symbolicator.model import Event, Fingerprint
>>> def crash(*parts: str) -> Event:
...     return Event(fingerprints=(Fingerprint(name="merged", hash=" ".join(parts), parts=parts),))
>>> groups = Groups()
>>> groups.add(crash("TypeError", "price (cart.ts)", "total (cart.ts)", "pay (desk.ts)", "click (app.ts)")).group
0
>>> near = groups.add(crash("TypeError", "price (cart.ts)", "sum (cart.ts)", "pay (desk.ts)", "click (app.ts)"))
>>> near.group, near.is_new, [str(difference) for difference in near.differences]
(0, False, ['total (cart.ts) → sum (cart.ts)'])
>>> groups.add(crash("RangeError", "pick (stock.ts)", "pay (desk.ts)", "click (app.ts)")).group
1
"""

from symbolicator.grouping.alignment import Alignment, Difference, align
from symbolicator.grouping.groups import ALIKE, Groups, Placement
from symbolicator.grouping.weights import DECAY, Weights

__all__ = ["ALIKE", "DECAY", "Alignment", "Difference", "Groups", "Placement", "Weights", "align"]
