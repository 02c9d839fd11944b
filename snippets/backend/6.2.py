# Extracted by verify from backend.md, snippet 6.2. Edit the guide, not this file.
import asyncio
from sqlalchemy import Integer, String, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, mapped_column

class Base(DeclarativeBase):
    pass

class Guest(Base):
    __tablename__ = "guests"
    name = mapped_column(String, primary_key=True)
    visits = mapped_column(Integer, default=1)

async def regulars():
    engine = create_async_engine("postgresql+asyncpg://clerk:secret@localhost/teashop")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with async_sessionmaker(engine)() as session:
        session.add_all([Guest(name="Ines", visits=12), Guest(name="Jo")])
        await session.commit()
        found = await session.scalars(select(Guest.name).where(Guest.visits > 5))
        names = found.all()
    await engine.dispose()
    return names

asyncio.run(regulars())    # ['Ines']
