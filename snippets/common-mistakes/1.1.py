# Extracted by verify from common-mistakes.md, snippet 1.1. Edit the guide, not this file.
import sys

evens = [n * 2 for n in range(6)]
len(evens)                                  # 6
evens[-1]                                   # 10
print(f"{sys.getsizeof(evens)} bytes")      # 72 bytes
# A tuple needs less than the list (72 bytes), because it never grows
