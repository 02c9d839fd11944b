# Extracted by verify from python-refresher.md, snippet 6.4. Edit the guide, not this file.
import sqlite3

db = sqlite3.connect(":memory:")
db.execute("create table sales (tea text, cups integer)")
sales = [("chai", 3), ("mate", 5), ("chai", 4)]
db.executemany("insert into sales values (?, ?)", sales)
db.commit()

# Placeholders, never string formatting: the driver does the quoting
def cups_of(tea):
    query = "select sum(cups) from sales where tea = ?"
    return db.execute(query, (tea,)).fetchone()[0]

cups_of("chai")              # 7
cups_of("x' or '1'='1")      # None

for row in db.execute("select tea, sum(cups) from sales group by tea order by tea"):
    print(*row)
# chai 7
# mate 5
