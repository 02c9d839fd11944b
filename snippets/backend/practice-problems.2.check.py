async def check():
    return await Pipeline().run(["two chai", "one mate to go", "tea"])

finished = asyncio.run(check())
finished[2]         # {'words': 4, 'letters': 14}
sorted(finished)    # [1, 2, 3]
