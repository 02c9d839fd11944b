# Extracted by verify from x.md, snippet top.2. Edit the guide, not this file.
````md
