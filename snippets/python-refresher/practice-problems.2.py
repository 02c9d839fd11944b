# Extracted by verify from python-refresher.md, snippet practice-problems.2. Edit the guide, not this file.
def flatten(thing):
    for item in thing:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item

flatten([1, [2, [3, []]], 4])         # <generator object flatten at 0x...>
list(flatten([1, [2, [3, []]], 4]))   # => [1, 2, 3, 4]
sorted(
    flatten([[3], [1, [2]]]),         # yields [3, 1, 2]
    reverse=True,
)
# [3, 2, 1]
