# Extracted by verify from python-refresher.md, snippet practice-problems.3. Edit the guide, not this file.
groups = {}
for word in ["tea", "pot", "eat", "mug"]:
    groups.setdefault("".join(sorted(word)), []).append(word)

list(groups.values())    # [['tea', 'eat'], ['pot'], ['mug']]
groups["aet"].pop()      # removes 'eat'
