# Extracted by verify from backend.md, snippet 3.2. Edit the guide, not this file.
import asyncio
import aiohttp

SUPPLIERS = [f"http://prices.example/{tea}.json" for tea in ("chai", "mate", "cola")]

async def ask(session, url):
    async with session.get(url) as answer:
        if answer.status == 404:
            return None
        return (await answer.json())["price"]

async def ask_all():
    async with aiohttp.ClientSession() as session:
        return await asyncio.gather(*(ask(session, url) for url in SUPPLIERS))

asyncio.run(ask_all())    # [4, 6, None]
