# Extracted by verify from python-refresher.md, snippet 1.3. Edit the guide, not this file.
basket = ["sencha"]
alias = basket                # a second name, not a second list
snapshot = basket[:]          # this one is a second list

alias.append("assam")         # basket is now ['sencha', 'assam']
basket is alias               # True
snapshot                      # ['sencha']
basket.sort()                 # ['assam', 'sencha']
basket += ["mate"]            # ['assam', 'sencha', 'mate']
print(basket.reverse())       # None, since it works in place

# A default value is made once, when the def statement runs
def stock(tea, shelf=[]):
    shelf.append(tea)
    return shelf

stock("chai")       # ['chai']
stock("oolong")     # ['chai', 'oolong'] ; a surprise for most people

def stock_safely(tea, shelf=None):
    shelf = [] if shelf is None else shelf    # []
    return shelf + [tea]

stock_safely("chai")      # ['chai']
stock_safely("oolong")    # ['oolong']
