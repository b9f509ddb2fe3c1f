/** Every problem, by its name. */
export * from './functions-of-noise.js';
export * from './linear.js';
export * from './physics.js';
export * from './several-noises.js';
export * from './square-roots.js';
