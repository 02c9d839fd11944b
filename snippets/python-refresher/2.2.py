# Extracted by verify from python-refresher.md, snippet 2.2. Edit the guide, not this file.
from contextlib import contextmanager

@contextmanager
def kettle(litres):
    print(f"heating {litres} l")
    try:
        yield litres * 1000
    finally:
        print("kettle off")

with kettle(2) as millilitres:
    print(f"pouring {millilitres} ml")
# Output:
# heating 2 l
# pouring 2000 ml
# kettle off

kettle(3)    # <contextlib._GeneratorContextManager object at 0x...>
