# Extracted by verify from common-mistakes.md, snippet 4.1. Edit the guide, not this file.
with open("cities.csv") as table:
    rows = table.read().splitlines()

print(len(rows))                     # 240
"Oslo;Norway;709".split(";")         # ['Oslo', 'Norway', '709']
