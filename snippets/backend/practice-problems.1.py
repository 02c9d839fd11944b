# Extracted by verify from backend.md, snippet practice-problems.1. Edit the guide, not this file.
import asyncio
import time
from collections import defaultdict, deque

class Turnstile:
    def __init__(self, most, seconds):
        self.most, self.seconds = most, seconds
        self.seen = defaultdict(deque)

    def passes(self, guest):
        now, seen = time.monotonic(), self.seen[guest]
        while seen and now - seen[0] >= self.seconds:
            seen.popleft()
        if len(seen) == self.most:
            return False
        seen.append(now)
        return True

async def rush():
    turnstile = Turnstile(most=3, seconds=60)
    answers = [turnstile.passes("Ines") for _ in range(5)]
    await asyncio.sleep(60)
    return answers, turnstile.passes("Ines")

asyncio.run(rush())    # ([True, True, True, False, False], True)
