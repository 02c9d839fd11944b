"""Beds and what grows in them."""

from . import words

_SEEDS = {"rose": 3}


def plant(name):
    """Names what is planted.

    >>> plant("oak")
    'an oak'

    What stands between examples is no matter of theirs.

    >>> beds = [plant("rose")]
    >>> beds.append(_SEEDS["rose"])
    >>> beds
    ['a rose', 4]

    A fence may hold code that is no session:

    ```python
    plant("ivy")  # 'an ivy'
    ```
    """
    return f"{words.article(name)} {name}"


class Bed:
    r"""A bed of plants.

    Each docstring starts afresh: `beds` of the other is not here.

    >>> beds
    Traceback (most recent call last):
    NameError: name 'beds' is not defined
    >>> print("\\")
    \\

    Not marked as Python::

        bed = Bed()
        bed.rows(3)
    """

    def rows(self, count):
        """One line for each row.

        >>> print(Bed().rows(2))
        ~
        <BLANKLINE>
        ~
        >>> print("a\\tb")
        a	c
        """
        return "\n\n".join("~" * count)

    # verify: skip reason="waters the garden"
    def water(self):
        """
        >>> Bed().water()
        'wet'
        """
        raise OSError


def unmarked():
    "No example."
