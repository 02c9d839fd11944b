# Extracted by verify from backend.md, snippet 3.2. Edit the guide, not this file.
import asyncio
import aiohttp

SUPPLIERS = [f"http://prices.example/{tea}.json" for tea in ("chai", "mate", "cola")]

async def ask(web, url):
    async with web.get(url) as answer:
        if answer.status == 404:
            return None
        return (await answer.json())["price"]

async def ask_all():
    async with aiohttp.ClientSession() as web:
        return await asyncio.gather(*(ask(web, url) for url in SUPPLIERS))

asyncio.run(ask_all())    # [4, 6, None]
