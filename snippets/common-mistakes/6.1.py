# Extracted by verify from common-mistakes.md, snippet 6.1. Edit the guide, not this file.
def errand():
    try:
        print("leave")
        return "milk"
    finally:
        print("lock the door")

print(errand())
# Output:
# leave
# milk
# lock the door
