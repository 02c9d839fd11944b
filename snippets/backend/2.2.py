# Extracted by verify from backend.md, snippet 2.2. Edit the guide, not this file.
from contextlib import ExitStack

names = ["monday.txt", "tuesday.txt"]
with ExitStack() as stack, open("week.txt", "w") as week:
    for name in names:
        day = stack.enter_context(open(name))
        week.write(day.read().upper())

print(open("week.txt").read())
# Output:
# 2 MATE
# 1 CHAI
