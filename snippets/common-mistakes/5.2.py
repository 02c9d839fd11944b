# Extracted by verify from common-mistakes.md, snippet 5.2. Edit the guide, not this file.
# Several people at once
crew = ["Grace Hopper", "Alan Turing"]
badges = [initials(person) for person in crew]    # ['GH', 'AT']
longest = max(crew, key=len)                      # 'Grace Hopper'
