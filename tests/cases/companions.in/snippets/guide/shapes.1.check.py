round(Circle(2).area(), 2)  # 12.57
Circle(1).area() == math.pi  # True
