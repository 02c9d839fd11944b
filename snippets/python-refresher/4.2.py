# Extracted by verify from python-refresher.md, snippet 4.2. Edit the guide, not this file.
import dataclasses

class Teapot:
    def __init__(self, litres):
        self.litres = litres      # already goes through the setter

    @property
    def litres(self):
        return self._litres

    @litres.setter
    def litres(self, amount):
        if amount <= 0:
            raise ValueError("a pot needs some room")
        self._litres = amount

pot = Teapot(1.5)
pot.litres = -1     # ValueError: a pot needs some room
pot.litres          # 1.5
# Teapot(0) raises ValueError

@dataclasses.dataclass(order=True)
class Order:
    table: int
    teas: list = dataclasses.field(default_factory=list, compare=False)

small = Order(4)
small                         # Order(table=4, teas=[])
small < Order(5)              # True
small == Order(4, ["chai"])   # True (teas are not compared)
hash(small)                   # TypeError: unhashable type: 'Order'
