# Extracted by verify from python-refresher.md, snippet 1.2. Edit the guide, not this file.
defaults = {"size": "medium", "milk": False}
wishes = {"milk": True, "sugar": 2}

# The merge operator (Python 3.9+): the right-hand side wins
drink = defaults | wishes
# {'size': 'medium', 'milk': True, 'sugar': 2}

drink.get("lemon")              # None
drink["lemon"]                  # KeyError: 'lemon'
drink.setdefault("sugar", 9)    # 2, because the key was there before
drink.pop("sugar")              # removes 'sugar'
drink                           # -> {'size': 'medium', 'milk': True}
"size" in drink                 # => True
defaults.update(milk="oat")     # defaults is now {'size': 'medium', 'milk': 'oat'}
# len(defaults) == 2

hot, sweet = {"chai", "mate"}, {"chai", "cola"}
hot | sweet            # Union: {'chai', 'cola', 'mate'}
