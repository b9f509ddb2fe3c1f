/** Every SDE, a line each. The public face, the command line and the tests take them from here. */
export * from './affine.js';
export * from './discrete.js';
export * from './sub-vp.js';
export * from './ve.js';
export * from './vp.js';
