# Extracted by verify from common-mistakes.md, snippet 8.1. Edit the guide, not this file.
queue = ["bread", "salt"]
queue.insert(0, "tea")      # queue is now ['tea', 'bread', 'salt']
queue.pop()                 # 'salt'
queue.index("bread")        # 1
queue.index("salt")         # ValueError
