"""Three geometric Brownian motions by Euler and Maruyama with NumPy. Prints JSON."""
import json
import sys
import time

import numpy as np

paths, steps = int(sys.argv[1]), int(sys.argv[2])
precision = np.float32 if sys.argv[3] == 'float32' else np.float64
random = np.random.default_rng(1)
h = precision(1 / steps)
start = time.perf_counter()
x = np.full((paths, 3), 0.1, precision)
for _ in range(steps):
    x += 1.5 * h * x + precision(0.01) * x * (np.sqrt(h) * random.standard_normal((paths, 3), precision))
seconds = time.perf_counter() - start
print(json.dumps({'seconds': seconds, 'mean': float(x.mean()), 'version': np.__version__}))
