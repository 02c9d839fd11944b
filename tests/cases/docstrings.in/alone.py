"""A module with another beside it.

>>> twice(2)
4
>>> __name__
'alone'
"""

import helper


def twice(n):
    return helper.times(n, 2)


if __name__ == "__main__":
    raise SystemExit("it is imported, not run")
