# Extracted by verify from backend.md, snippet 3.1. Edit the guide, not this file.
import json
from urllib.request import urlopen

with urlopen("http://prices.example/chai.json") as answer:
    answer.status                        # 200
    price = json.load(answer)["price"]

price    # 4
