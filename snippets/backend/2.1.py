# Extracted by verify from backend.md, snippet 2.1. Edit the guide, not this file.
from collections import Counter

cups = Counter()
with open("orders.txt") as orders:
    for line in orders:
        tea, number = line.split(",")
        cups[tea] += int(number)
# orders is closed

cups.most_common(1)    # [('chai', 7)]
orders.closed          # True
