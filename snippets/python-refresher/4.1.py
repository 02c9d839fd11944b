# Extracted by verify from python-refresher.md, snippet 4.1. Edit the guide, not this file.
class Drink:
    def pour(self):
        print("Drink")

class Hot(Drink):
    def pour(self):
        print("Hot")
        super().pour()

class Sweet(Drink):
    def pour(self):
        print("Sweet")
        super().pour()

class Chai(Hot, Sweet):
    pass

# Chai().pour() prints: Hot, Sweet, Drink

issubclass(Hot, Sweet)              # False
[c.__name__ for c in Chai.mro()]    # ['Chai', 'Hot', 'Sweet', 'Drink', 'object']
