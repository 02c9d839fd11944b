# Extracted by verify from python-refresher.md, snippet practice-problems.1. Edit the guide, not this file.
from collections import OrderedDict

class RecentCache:
    def __init__(self, room):
        self.room = room
        self.items = OrderedDict()

    def get(self, key):
        if key not in self.items:
            return -1
        self.items.move_to_end(key)
        return self.items[key]

    def put(self, key, value):
        self.items[key] = value
        self.items.move_to_end(key)
        if len(self.items) > self.room:
            self.items.popitem(last=False)

menu = RecentCache(2)
menu.put("a", 10)       # adds key 'a'
menu.put("b", 20)
print(menu.get("a"))    # 10
menu.put("c", 30)       # evicts key 'b'
print(menu.get("b"))    # -1 (no such item)
list(menu.items)        # ['a', 'c']
