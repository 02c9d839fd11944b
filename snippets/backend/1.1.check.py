calls = []

@patient(attempts=3, pause=60)
def phone(answers_at):
    calls.append(time.monotonic())
    if len(calls) < answers_at:
        raise ConnectionError("engaged")
    return "hello"

phone(3)                       # 'hello'
len(calls)                     # 3
round(calls[2] - calls[0])     # 120

calls.clear()
phone(9)         # ConnectionError: engaged
len(calls)       # 3
phone.__name__   # 'phone'
