// The price of a call option in Heston's model, with a confidence interval, from as many paths as that needs.
//
//     node examples/08-heston.mjs
//
// Nothing of the paths is kept: `reductions` has the mean of the payoff, and `stop` ends the job when it is known to five
// cents. Heston's formula, an integral of the characteristic function, gives 8.8027. The variance v reaches 0 here, since
// 2 kappa theta < xi^2: there Euler and Maruyama's method with max(v, 0) in the drift as well is better than those of higher order.
import { eulerMaruyama, itoSde, solve } from 'fast-sde';

const [rate, strike] = [0.03, 100];
const heston = itoSde({
  state: ['S', 'v'],
  params: { r: rate, kappa: 1.5, theta: 0.04, xi: 0.5, rho: -0.7 },
  equations: [
    'dS = r*S*dt + sqrt(max(v, 0))*S*dW1',
    'dv = kappa*(theta - max(v, 0))*dt + xi*sqrt(max(v, 0))*(rho*dW1 + sqrt(1 - rho^2)*dW2)',
  ],
});
const { pair } = heston.commutation;
console.log(`noise: ${heston.noiseClass}, ${pair.noises.join(' and ')} do not commute in ${pair.state}`);

const { statistics } = await solve(heston, {
  t1: 1,
  x0: [100, 0.04],
  paths: 10_000_000,
  solver: eulerMaruyama({ steps: 256 }),
  seed: 1,
  reductions: { of: { price: `exp(-${rate})*max(S - ${strike}, 0)` }, stop: { of: 'price', halfWidth: 0.05 } },
});

const [{ mean, standardError, count }] = statistics;
console.log(
  `price:  ${mean.price.toFixed(3)} ± ${(1.96 * standardError.price).toFixed(3)} from ${count} paths; exact 8.803`,
);
