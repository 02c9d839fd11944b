# Extracted by verify from python-refresher.md, snippet 1.5. Edit the guide, not this file.
0.1 + 0.2    # 0.3
