# Extracted by verify from backend.md, snippet 2.3. Edit the guide, not this file.
import sqlite3
from contextlib import closing

with closing(sqlite3.connect("members.db")) as db:
    rows = db.execute("select name from members where cups > ? order by name", (10,)).fetchall()

rows        # [('Ines',), ('Jo',)]
db.total_changes    # ProgrammingError: Cannot operate on a closed database.
