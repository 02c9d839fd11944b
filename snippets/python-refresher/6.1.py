# Extracted by verify from python-refresher.md, snippet 6.1. Edit the guide, not this file.
from functools import wraps

def traced(fn):
    @wraps(fn)
    def inner(*values):
        answer = fn(*values)
        print(f"{fn.__name__}{values} -> {answer}")
        return answer
    return inner

def again(times):
    def decorate(fn):
        @wraps(fn)
        def inner(*values):
            return [fn(*values) for _ in range(times)]
        return inner
    return decorate

@traced
def add(a, b):
    return a + b

result = add(2, 3)          # Will print: add(2, 3) -> 5
print(add.__name__)         # add
