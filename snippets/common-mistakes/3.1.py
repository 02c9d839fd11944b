# Extracted by verify from common-mistakes.md, snippet 3.1. Edit the guide, not this file.
birthdays = {"Ida": (1990, 5, 17), "Tom": (1988, 11, 2)}
youngest = max(birthdays, key=birthdays.get)    # 'Ida'
born = date(*birthdays[youngest])
born.year                                       # 1990
sorted(birthdays)                               # ['Ida', 'Tom']
