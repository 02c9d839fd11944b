# Extracted by verify from python-refresher.md, snippet 6.3. Edit the guide, not this file.
from functools import cache    # (Python 3.9+)

calls = []

@cache
def fib(n):
    calls.append(n)
    return n if n < 2 else fib(n - 1) + fib(n - 2)

print(fib(30))      # 832040
len(calls)          # 31
fib.cache_info()    # CacheInfo(hits=28, misses=31, maxsize=None, currsize=31)
fib([4])            # TypeError: unhashable type: 'list'

# Without the cache, the body would have run more than a million times instead of 31.
