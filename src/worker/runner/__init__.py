"""Runs one snippet, statement by statement, and reports what happened as plain facts.

Nothing here compares anything or knows what a claim is: the judging is done elsewhere, on the facts.
The package keeps to the syntax of Python 3.8.
"""
