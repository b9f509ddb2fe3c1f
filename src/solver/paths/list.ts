/** Every path solver but eulerMaruyama, which samples too: a line each. */
export * from './heun.js';
