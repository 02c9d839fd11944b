# Extracted by verify from python-refresher.md, snippet practice-problems.4. Edit the guide, not this file.
import time

class Bucket:
    def __init__(self, size, per_second, clock=time.monotonic):
        self.size, self.per_second, self.clock = size, per_second, clock
        self.tokens, self.seen = size, clock()

    def allow(self):
        now = self.clock()
        gained = (now - self.seen) * self.per_second
        self.tokens, self.seen = min(self.size, self.tokens + gained), now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

ticks = iter([0, 0, 0, 0, 2])
bucket = Bucket(2, 1, clock=lambda: next(ticks))

bucket.allow(), bucket.allow()    # (True, True)
bucket.allow()    # False (the bucket is empty)
bucket.allow()    # True, two seconds later
bucket.tokens     # 1

started = time.perf_counter()
sum(range(10_000))                     # 49_995_000
print(time.perf_counter() - started)   # e.g. 0.0002
