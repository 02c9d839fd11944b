# Extracted by verify from python-refresher.md, snippet 3.1. Edit the guide, not this file.
import asyncio

async def brew(tea, seconds):
    await asyncio.sleep(seconds)
    return tea.upper()

# Calling a coroutine function runs nothing
idle = brew("chai", 0)    # <coroutine object brew at 0x...>
idle.close()

async def both():
    return await asyncio.gather(brew("sencha", 0.004), brew("assam", 0.001))

# gather keeps the order of its arguments, whoever is ready first
asyncio.run(both())    # ['SENCHA', 'ASSAM']

async def first_come():
    jobs = [brew("sencha", 0.02), brew("assam", 0.001)]
    for job in asyncio.as_completed(jobs):
        print(await job)

asyncio.run(first_come())  # Will print:
# ASSAM
# SENCHA
