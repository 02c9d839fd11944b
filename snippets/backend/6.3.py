# Extracted by verify from backend.md, snippet 6.3. Edit the guide, not this file.
import redis

store = redis.Redis.from_url("redis://localhost:6379", decode_responses=True)

store.set("price:chai", 4, ex=3600)    # True
store.get("price:chai")                # '4'
store.ttl("price:chai") > 3590         # True
store.get("price:mate")                # None

store.set("lock:till", "Ines", nx=True)    # True
store.set("lock:till", "Jo", nx=True)      # None
store.delete("lock:till")                  # 1
store.set("lock:till", "Jo", nx=True)      # True
