# Extracted by verify from backend.md, snippet 1.1. Edit the guide, not this file.
import time
from functools import wraps

def patient(attempts, pause=1):
    def decorate(fn):
        @wraps(fn)
        def inner(*values):
            for left in reversed(range(attempts)):
                try:
                    return fn(*values)
                except ConnectionError:
                    if not left:
                        raise
                    time.sleep(pause)
        return inner
    return decorate
