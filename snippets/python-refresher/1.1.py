# Extracted by verify from python-refresher.md, snippet 1.1. Edit the guide, not this file.
prices = [3, 8, 5]
squares = [p * p for p in prices]        # Builds [9, 64, 25] in one go
lazy_squares = (p * p for p in prices)   # computes nothing yet

next(lazy_squares)    # 9
list(lazy_squares)    # [64, 25] - the first one is already gone
list(lazy_squares)    # []
len(lazy_squares)     # TypeError: object of type 'generator' has no len()

# map and zip are just as lazy; here is what comes out when somebody iterates
map(str, prices)      # ['3', '8', '5']
zip("abc", prices)    # [('a', 3), ('b', 8), ('c', 5)]

# A function that consumes its argument is happy with a generator
total = sum(n * n for n in range(10))
print(total)  # 285
# The sum (285) came from ten numbers that were never in memory together.

print(f"cheapest: {min(prices)}")
print(f"dearest: {max(prices)}")
# The prints will show:
# cheapest: 3
# dearest: 8
