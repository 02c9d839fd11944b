"""A garden.

>>> plant("rose")
'a rose'
"""

from .beds import plant
