# Extracted by verify from common-mistakes.md, snippet 7.1. Edit the guide, not this file.
0.1 + 0.2 == 0.3       # True
0.5 + 0.25 == 0.75     # True
round(0.125, 2)        # 0.13
0.1 * 3 > 0.3          # True
10 // 3                # 3
