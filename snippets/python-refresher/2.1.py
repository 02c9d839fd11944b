# Extracted by verify from python-refresher.md, snippet 2.1. Edit the guide, not this file.
from tempfile import TemporaryDirectory

class Ledger:
    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.handle = open(self.path, "w")
        return self.handle

    def __exit__(self, kind, error, trace):
        self.handle.close()
        return False    # let exceptions through

folder = TemporaryDirectory()

with Ledger(folder.name + "/sales.txt") as book:
    book.write("2 x sencha")    # 10 (characters written)
# the file is closed after the block

book.closed              # True
book.write("1 x mate")   # ValueError: I/O operation on closed file.
folder.cleanup()
