/** Every solver, a line each. The public face, the command line and the tests take them from here. */
export * from './adaptive.js';
export * from './euler-maruyama.js';
export * from './sde-dpm-solver.js';
