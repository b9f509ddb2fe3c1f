/** Every solver, a line each. The public face, the command line and the tests take them from here. */
export * from './adaptive.js';
export * from './adaptive-exponential.js';
export * from './ancestral.js';
export * from './ddim.js';
export * from './dpm-solver.js';
export * from './edm-heun.js';
export * from './er-sde.js';
export * from './euler-maruyama.js';
export * from './reverse-diffusion.js';
export * from './sa-solver.js';
export * from './sde-dpm-solver.js';
export * from './seeds-solver.js';
export * from './uni-pc.js';
