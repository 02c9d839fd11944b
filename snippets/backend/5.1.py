# Extracted by verify from backend.md, snippet 5.1. Edit the guide, not this file.
from typing import Optional

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()
printed = []

class Order(BaseModel):
    tea: str
    cups: int
    note: Optional[str] = None

async def stock():
    return {"chai": 5, "mate": 0}

@app.post("/orders", status_code=201)
async def order(order: Order, background: BackgroundTasks, stock: dict = Depends(stock)):
    if stock.get(order.tea, 0) < order.cups:
        raise HTTPException(status_code=409, detail=f"no {order.tea} left")
    background.add_task(printed.append, f"{order.cups} x {order.tea}")
    return {"tea": order.tea, "state": "brewing"}

@app.get("/teas/{tea}")
async def tea(tea: str, stock: dict = Depends(stock)):
    return {"tea": tea, "left": stock.get(tea, 0)}

@app.middleware("http")
async def sign(request, answer):
    signed = await answer(request)
    signed.headers["X-Shop"] = "tea"
    return signed
