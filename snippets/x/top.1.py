# Extracted by verify from x.md, snippet top.1. Edit the guide, not this file.
====
