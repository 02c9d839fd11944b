# Extracted by verify from backend.md, snippet 3.3. Edit the guide, not this file.
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

def deliver(parcel):
    time.sleep(1)
    return f"parcel {parcel}"

started = time.monotonic()
with ThreadPoolExecutor(max_workers=4) as couriers:
    delivered = list(couriers.map(deliver, range(5)))

delivered[-1]                          # 'parcel 4'
round(time.monotonic() - started)      # 2, since the fifth parcel waits for a courier

def leaves(tins):
    return sum(tin * tin for tin in range(tins))

with ProcessPoolExecutor(max_workers=2) as machines:
    counted = list(machines.map(leaves, [10, 1000]))

counted    # [285, 332833500]
