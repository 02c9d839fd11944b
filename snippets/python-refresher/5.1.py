# Extracted by verify from python-refresher.md, snippet 5.1. Edit the guide, not this file.
int("seven")      # ValueError: invalid literal for int() with base 10: 'seven'
[1, 2, 3][5]      # IndexError
{}["cup"]         # raises KeyError
issubclass(KeyError, LookupError)      # True

# Which branch runs?
def halve(text):
    try:
        value = int(text) / 2
    except ValueError:
        print("not a number")
    else:
        print("fine")
        return value
    finally:
        print("done")

# halve("3") returns 1.5
halve("8")
halve("eight")
