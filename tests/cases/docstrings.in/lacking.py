"""
>>> 1 + 1
3
"""

import no_such_package_anywhere
