/** Models in memory. What holds them lies beside the scores, which are plain facts, and belongs to its thread. */
import { invalidOption } from '../errors.js';

interface Loaded {
  /** What its kind of score made: native handles by device, or the thread of a session. */
  held: unknown;
  free: () => void;
  /** That run on it, or are being prepared. */
  jobs: number;
  disposed: boolean;
}

const models = new WeakMap<object, Loaded>();

/** What a loaded model can do; on its prototype, so that it prints, and copies to other threads, as its facts alone. */
export class LoadedModel {
  /**
   * Frees the model's memory: at once, or when the last job that was begun with it has ended. A later job is refused
   * with ERR_SDE_INVALID_OPTION. A model that nobody holds any more is freed without it, but who knows when.
   */
  dispose(): void {
    const loaded = models.get(this);
    if (loaded === undefined) return;
    loaded.disposed = true;
    freeWhereIdle(loaded);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dispose();
  }
}

/** A frozen score of these facts. `free` is called once, when it is disposed of and no job runs on it any more. */
export function loadedModel<Facts extends object>(facts: Facts, held: unknown, free: () => void): Facts & LoadedModel {
  const model = Object.freeze(Object.assign(new LoadedModel(), facts));
  models.set(model, { held, free, jobs: 0, disposed: false });
  return model;
}

/**
 * What holds the model, for a new job. `maker`: the function that loads one, for hints. Throws ERR_SDE_INVALID_OPTION
 * where the model is not in this thread's memory.
 */
export function usable(score: object, maker: string, option = 'score'): unknown {
  const loaded = models.get(score);
  if (loaded === undefined) {
    throw invalidOption(option, score, 'a model loaded in this thread', {
      hint: `A copy has no model: await ${maker}(…) in this very thread.`,
    });
  }
  if (!loaded.disposed) return loaded.held;
  throw invalidOption(option, score, 'a model that is in memory', {
    hint: `It has been disposed of: load it again with await ${maker}(…).`,
  });
}

/** What a job uses of a model that it holds, disposed of meanwhile or not. */
export function heldOf(score: object): unknown {
  return models.get(score)!.held;
}

/** Keeps the model in memory for a job, until what is returned is called. */
export function holdModel(score: object): () => void {
  const loaded = models.get(score)!;
  ++loaded.jobs;
  return () => {
    --loaded.jobs;
    freeWhereIdle(loaded);
  };
}

function freeWhereIdle(loaded: Loaded): void {
  if (!loaded.disposed || loaded.jobs > 0) return;
  loaded.free();
  loaded.free = () => {};
}
