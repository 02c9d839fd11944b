shape(3)  # 7
