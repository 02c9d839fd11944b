stack.push(7)
stack.items[-1]  # 7
len(stack.items)  # 3
