# Extracted by verify from backend.md, snippet 6.1. Edit the guide, not this file.
import asyncio
import asyncpg

class Shelves:
    def __init__(self, url):
        self.url = url
        self.pool = None

    async def open(self):
        self.pool = await asyncpg.create_pool(self.url, min_size=1, max_size=2)

    async def fetch(self, query, *values):
        async with self.pool.acquire() as one:
            return [tuple(row) for row in await one.fetch(query, *values)]

    async def close(self):
        await self.pool.close()

async def inventory():
    shelves = Shelves("postgresql://clerk:secret@localhost/teashop")
    await shelves.open()
    await shelves.fetch("create table teas (name text primary key, grams int)")
    await shelves.fetch("insert into teas values ('chai', 250), ('mate', 40)")
    low = await shelves.fetch("select name from teas where grams < $1", 100)
    await shelves.close()
    return low

asyncio.run(inventory())    # [('mate',)]
