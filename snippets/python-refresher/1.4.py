# Extracted by verify from python-refresher.md, snippet 1.4. Edit the guide, not this file.
import re

label = "  Earl Grey "
label.strip().lower().replace(" ", "-")     # 'earl-grey'

# => 'rooibos'
"rooi" + "bos"

f"{1234567.891:,.2f}"                 # '1,234,567.89'
print(f"{label.split()[0]!r}")        # Will print: 'Earl'
"matcha.txt".removesuffix(".txt")     # 'matcha' (Python 3.9+)
re.findall(r"\d+", "2 pots, 14 cups")  # ['2', '14']

for word in ("tea", "mate"):
    print(len(word))                  # 3 4
