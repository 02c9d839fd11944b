# Extracted by verify from python-refresher.md, snippet 6.2. Edit the guide, not this file.
@again(times=2)
@traced
def triple(cups):
    return cups * 3

triple(4)
# Output:
# triple(4,) -> 12
# triple(4,) -> 12
