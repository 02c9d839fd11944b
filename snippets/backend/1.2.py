# Extracted by verify from backend.md, snippet 1.2. Edit the guide, not this file.
import logging

class OutOfStock(Exception):
    def __init__(self, tea, wanted):
        super().__init__(f"{wanted} g of {tea} are not there")
        self.tea = tea

log = logging.getLogger("shop")

def weigh(stock, tea, grams):
    if stock.get(tea, 0) < grams:
        log.warning("reorder %s", tea)
        raise OutOfStock(tea, grams)
    stock[tea] -= grams
    return stock[tea]

weigh({"chai": 100}, "chai", 30)     # 70
weigh({"chai": 100}, "mate", 30)     # OutOfStock: 30 g of mate are not there
