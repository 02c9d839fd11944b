# Extracted by verify from common-mistakes.md, snippet 2.1. Edit the guide, not this file.
print(shout("hello"))    # Will print: HELLO!

def shout(text):
    return text.upper() + "!"

shout("goodbye")         # 'GOODBYE!'
