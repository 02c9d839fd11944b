# Extracted by verify from python-refresher.md, snippet 5.2. Edit the guide, not this file.
class ShopError(Exception):
    pass

def price_of(tea):
    try:
        return {"chai": 4}[tea]
    except KeyError as missing:
        raise ShopError(f"no {tea}") from missing

price_of("chai")      # 4
price_of("cocoa")     # ShopError: no cocoa

try:
    price_of("cola")
except ShopError as problem:
    print(repr(problem.__cause__))     # KeyError('cola')
