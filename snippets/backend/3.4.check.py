async def tea_time():
    async with Kettle():
        async for sound in Bell(2):
            print(sound)

asyncio.run(tea_time())
# Output:
# it boils
# ding
# ding
# it is off
