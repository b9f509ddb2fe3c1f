/**
 * What exponential samplers are made of. In λ = ln(α/σ) the reverse SDE, with its noise scaled by τ² (0: the probability
 * flow, 1: the reverse SDE), is solved exactly over a step h but for the data prediction D:
 *
 *   x' = (σ'/σ) e^(−τ²h) x + α' c ∫₀ʰ e^(−c(h−u)) D(λ + u) du + σ' √(1 − e^(−2τ²h)) z,   c = 1 + τ²
 */
import type { Level } from './levels.js';

/** The factor on the state, the noise, and the whole weight of D: the integral for D = 1. */
export function flow(from: Level, to: Level, tau2: number): { state: number; noise: number; whole: number } {
  const h = to.logSnr - from.logSnr;
  return {
    state: (to.sigma / from.sigma) * Math.exp(-tau2 * h),
    noise: to.sigma * Math.sqrt(-Math.expm1(-2 * tau2 * h)),
    whole: -to.alpha * Math.expm1(-(1 + tau2) * h),
  };
}

/** Weights of D at the nodes λ + u_i, exact where D is a polynomial through them. */
export function weights(nodes: readonly number[], to: Level, h: number, tau2: number): number[] {
  const integrals = nodes.map((_, power) => integralOfPower(power, h, 1 + tau2));
  return nodes.map((node, i) => {
    // Lagrange's polynomial that is 1 at this node and 0 at the others, by its coefficients.
    let polynomial = [1];
    for (const [j, other] of nodes.entries()) {
      if (j === i) continue;
      const scaled = polynomial.map(coefficient => coefficient / (node - other));
      polynomial = [0, ...scaled].map((coefficient, power) => coefficient - other * (scaled[power] ?? 0));
    }
    return to.alpha * polynomial.reduce((sum, coefficient, power) => sum + coefficient * integrals[power], 0);
  });
}

/** c ∫₀ʰ e^(−c(h−u)) u^p du */
function integralOfPower(p: number, h: number, c: number): number {
  if (c * h < 1) {
    // The recursion below would lose its digits: c h^(p+1) Σ p! (−ch)^k / (p+k+1)!
    let term = (c * h ** (p + 1)) / (p + 1);
    let sum = term;
    for (let k = 1; k < 25; k++) {
      term *= (-c * h) / (p + k + 1);
      sum += term;
    }
    return sum;
  }
  return p === 0 ? -Math.expm1(-c * h) : h ** p - (p / c) * integralOfPower(p - 1, h, c);
}
