/** Drift and diffusion that are functions or modules: what a job needs of them, and its questions to the functions. */
import { addon } from '../addon.js';
import type { Outside } from '../equations/outside.js';
import { type Equations, makerOf, outsideOf } from '../equations/sde.js';
import { checkUsable, handleOf } from '../equations/torch-coefficient.js';
import { fromNative } from '../errors.js';
import type { NativeScore } from '../native.js';
import type { CoefficientName, NativeOutside, NativePathQuestion, NativePathsJob } from '../native-paths.js';
import { holdModel } from '../score/loaded.js';
import { allocated } from './allocate.js';
import { answeredInto } from './answered.js';

const NAMES: readonly CoefficientName[] = ['drift', 'diffusion'];

/** Of coefficients that are modules. */
export function modulesOf(sde: Equations) {
  const outside = outsideOf(sde);
  return NAMES.flatMap(name => {
    const module = outside?.[name];
    return typeof module === 'object' ? [{ name, module, option: `${makerOf(sde)}.${name}` }] : [];
  });
}

/** Keeps modules in memory, until what is returned is called. Throws ERR_SDE_INVALID_OPTION where one has been disposed of. */
export function holdModules(sde: Equations): () => void {
  const modules = modulesOf(sde);
  for (const { module, option } of modules) checkUsable(option, module);
  const releases = modules.map(({ module }) => holdModel(module));
  return () => {
    for (const release of releases) release();
  };
}

/** As the addon takes them; undefined where all is text. */
export function nativeOutside(
  sde: Equations,
  { backwardsFrom, networkThreads = 0 }: { backwardsFrom?: number; networkThreads?: number } = {},
): NativeOutside | undefined {
  const outside = outsideOf(sde);
  if (outside === undefined) return undefined;
  const handle = (coefficient: Outside[CoefficientName]): NativeScore =>
    typeof coefficient === 'object' ? handleOf(coefficient) : addon().createCallback();
  return {
    ...(outside.drift && { drift: handle(outside.drift) }),
    ...(outside.diffusion && { diffusion: handle(outside.diffusion) }),
    columns: outside.columns,
    ...(backwardsFrom !== undefined && { backwardsFrom }),
    networkThreads,
  };
}

/** The function's answer in `out`, at once or by a promise. Throws ERR_SDE_CALLBACK_FAILED. */
export function answerOf(
  sde: Equations,
  name: CoefficientName,
  { x, t, indices, out }: NativePathQuestion,
): void | Promise<void> {
  const coefficient = outsideOf(sde)?.[name];
  return answeredInto({ name, option: `${makerOf(sde)}.${name}` }, out, () =>
    (coefficient as Extract<typeof coefficient, (...args: never) => unknown>)(x, t, out, { paths: t.length, indices }),
  );
}

/** Answers a job's questions in arrays that are used again and again. */
export class CoefficientQuestions {
  readonly #sde: Equations;
  readonly #native: NativePathsJob;
  /** Made at the first. */
  #room: NativePathQuestion | undefined;

  constructor(sde: Equations, native: NativePathsJob) {
    this.#sde = sde;
    this.#native = native;
  }

  /**
   * What is asked now, if anything: the function `answer` lets the job go on with its answer. Throws ERR_SDE_OUT_OF_MEMORY
   * and ERR_SDE_CALLBACK_FAILED; a promise only where the function gave one.
   */
  next(): { answer(): void; given: void | Promise<void> } | undefined {
    const room = this.#roomy();
    const asked = this.#native.question(room);
    if (asked === undefined) return undefined;
    const { of, rows } = asked;
    const states = this.#sde.states.length;
    const out = room.out.subarray(0, rows * this.#width(of));
    const question = {
      x: room.x.subarray(0, rows * states),
      t: room.t.subarray(0, rows),
      indices: room.indices.subarray(0, rows),
      out,
    };
    return {
      given: answerOf(this.#sde, of, question),
      answer: () => {
        try {
          this.#native.answer(out);
        } catch (error) {
          throw fromNative(error);
        }
      },
    };
  }

  /** Numbers of an answer, a path. */
  #width(of: CoefficientName): number {
    const columns = of === 'diffusion' ? outsideOf(this.#sde)!.columns : 0;
    return this.#sde.states.length * Math.max(columns, 1);
  }

  #roomy(): NativePathQuestion {
    // An array is empty once a function has transferred it to another thread.
    if (this.#room && Object.values(this.#room).every(array => array.length > 0)) return this.#room;
    const { rows } = this.#native;
    const [states, width] = [this.#sde.states.length, Math.max(this.#width('drift'), this.#width('diffusion'))];
    this.#room = allocated(`${rows} questions of ${states} numbers`, 8 * rows * (states + width + 2), () => ({
      x: new Float64Array(rows * states),
      t: new Float64Array(rows),
      indices: new Float64Array(rows),
      out: new Float64Array(rows * width),
    }));
    return this.#room;
  }
}
