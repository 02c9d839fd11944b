# Extracted by verify from backend.md, snippet 3.4. Edit the guide, not this file.
import asyncio

class Kettle:
    async def __aenter__(self):
        await asyncio.sleep(90)
        print("it boils")
        return self

    async def __aexit__(self, kind, error, trace):
        print("it is off")

class Bell:
    def __init__(self, times):
        self.left = times

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        await asyncio.sleep(0.5)
        return "ding"
