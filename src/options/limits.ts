/** How much may be asked for. The addon's own bounds are these, or what its integers hold. */

/** Samples of one result: it has figures of each, and an array of many more words would end the process. */
export const MOST_SAMPLES = 2 ** 26;
/** Sizes of a shape, as many as NumPy has. */
export const MOST_SIZES = 64;
/** Numbers of one sample. */
export const MOST_ELEMENTS = 2 ** 40;
/** Samples in flight on one device. */
export const MOST_SLOTS = 65536;
/** Threads of the solver. */
export const MOST_THREADS = 1024;
/** Steps of a solver with a fixed grid. */
export const MOST_STEPS = 2 ** 31 - 1;
/** Steps of a solver whose evaluations are planned: they are made and held as a list. */
export const MOST_PLANNED_STEPS = 2 ** 14;
/** Positions of a table of noise levels. */
export const MOST_POSITIONS = 2 ** 14;
/** Instructions of one program that equations become, and its constants. */
export const MOST_INSTRUCTIONS = 2 ** 20;
/** Registers of one program: inputs, outputs and temporaries. */
export const MOST_REGISTERS = 2 ** 20;
/** States of an SDE given by equations, and noises. */
export const MOST_STATES = 4096;
