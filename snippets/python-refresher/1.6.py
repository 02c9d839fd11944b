# Extracted by verify from python-refresher.md, snippet 1.6. Edit the guide, not this file.
import math
from decimal import Decimal

0.1 + 0.2 == 0.3                   # False
math.isclose(0.1 + 0.2, 0.3)       # True
Decimal("0.1") + Decimal("0.2")    # Decimal('0.3')
type(7 / 2)                        # <class 'float'>
round(2.5)                         # 2 - halves go to the even neighbour
math.tau                           # ≈ 6.2832
