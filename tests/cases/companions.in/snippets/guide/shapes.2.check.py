# What the guide defines and does not show.
double(4)  # 8
double("ab")  # 'aabb'
print(double([1]))  # [1, 1]
half(3)
double(None)
