"""Three geometric Brownian motions by Euler and Maruyama with JAX, compiled. Prints JSON, or nothing without JAX."""
import json
import sys
import time

try:
    import jax
except ImportError:
    print(json.dumps({'missing': 'jax'}))
    sys.exit()
import jax.numpy as jnp

paths, steps = int(sys.argv[1]), int(sys.argv[2])
jax.config.update('jax_enable_x64', sys.argv[3] == 'float64')
dtype = jnp.float32 if sys.argv[3] == 'float32' else jnp.float64
h = 1 / steps


@jax.jit
def solve(key):
    def step(x, key):
        z = jax.random.normal(key, (paths, 3), dtype)
        return x + (1.5 * h) * x + (0.01 * h**0.5) * x * z, None

    x, _ = jax.lax.scan(step, jnp.full((paths, 3), 0.1, dtype), jax.random.split(key, steps))
    return x.mean()


solve(jax.random.key(0)).block_until_ready()
start = time.perf_counter()
mean = solve(jax.random.key(1)).block_until_ready()
print(json.dumps({'seconds': time.perf_counter() - start, 'mean': float(mean), 'version': jax.__version__}))
