# Extracted by verify from common-mistakes.md, snippet 5.1. Edit the guide, not this file.
def initials(name):
    return "".join(part[0] for part in name.split())

initials("Ada Lovelace")     # 'AL'
