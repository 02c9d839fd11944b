# Extracted by verify from python-refresher.md, snippet 1.7. Edit the guide, not this file.
first, *rest = "mate"
rest

first.upper() + rest[-1]

for letter in rest[:2]:
    print(letter)


object()

