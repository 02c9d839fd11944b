# Extracted by verify from python-refresher.md, snippet 3.2. Edit the guide, not this file.
import asyncio

async def serve():
    server = await asyncio.start_server(print, "127.0.0.1", 8077)
    await server.serve_forever()

asyncio.run(serve())
