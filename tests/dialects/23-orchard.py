"""Trees, and what they bear.

    >>> orchard = [Tree("apple", 3), Tree("pear")]
    >>> orchard
    [Tree('apple', 3), Tree('pear', 0)]
    >>> total(orchard)
    4
"""

import functools
import re

_SEASONS = {"apple": "autumn", "cherry": "summer"}
LIMIT = 2 ** 5  # 32 trees to a row


@functools.lru_cache(maxsize=None)
def season(kind):
    """The season of a fruit.

    Parameters
    ----------
    kind : str
        A name, as in `_SEASONS`.

    Examples
    --------
    >>> season("apple")
    'autumn'
    >>> season("cherry")
    'spring'
    >>> season("fig")
    Traceback (most recent call last):
        ...
    KeyError: 'fig'
    >>> _SEASONS["apple"].title()
    'Autumn'
    """
    return _SEASONS[kind]


class Tree:
    """A tree.

    Args:
        kind: what it is.

    Example::

        >>> tree = Tree("plum")
        >>> tree.bear(4).bear(5)
        Tree('plum', 9)
        >>> tree.fruit
        5

    Usage in a program::

        for tree in orchard:
            tree.bear(1)
    """

    def __init__(self, kind, fruit=0):
        self.kind, self.fruit = kind, fruit  # apple, 3

    def __repr__(self):
        return f"Tree({self.kind!r}, {self.fruit})"

    def bear(self, count):
        """Adds fruit. `tree` of the class is not there.

        >>> tree
        Traceback (most recent call last):
        NameError: name 'tree' is not defined
        """
        self.fruit += count
        return self

    @property
    def label(self):
        r"""As it is printed, with a backslash.

        >>> Tree("fig").label
        '\\fig/'
        >>> print(Tree("fig").label)
        \fig\
        """
        return f"\\{self.kind}/"

    class Leaf:
        """
        >>> Tree.Leaf.__name__
        'Leaf'
        >>> Leaf
        Traceback (most recent call last):
        NameError: name 'Leaf' is not defined
        """


def total(trees):
    """
    .. code-block:: python

        total([Tree("fig", 2)] * 2)     # 4
        total([])                       # None
    """
    return sum(tree.fruit for tree in trees)


def words(text):
    '''Splits at spaces, tabs and line ends.

    >>> words("a\\tb\\nc")
    ['a', 'b', 'c']
    >>> print("a\\nb")
    a
    c
    '''
    return re.split(r"\s", text)


if __name__ == "__main__":
    raise SystemExit("not as a program")
