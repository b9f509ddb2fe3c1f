/** Models in memory. Their handles lie beside the scores, which are plain facts; a handle belongs to its thread. */
import { addon } from '../addon.js';
import { invalidOption } from '../errors.js';
import type { NativeScore } from '../native.js';

interface Loaded {
  /** By device. */
  handles: ReadonlyMap<string, NativeScore>;
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
    const loaded = loadedOf(this);
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

/** A frozen score of these facts. `handles`: by device. */
export function loadedModel<Facts extends object>(
  facts: Facts,
  handles: ReadonlyMap<string, NativeScore>,
): Facts & LoadedModel {
  const model = Object.freeze(Object.assign(new LoadedModel(), facts));
  models.set(model, { handles, jobs: 0, disposed: false });
  return model;
}

/** The handles, by device, for a new job. Throws ERR_SDE_INVALID_OPTION where the model is not in this thread's memory. */
export function handlesOf(score: object): ReadonlyMap<string, NativeScore> {
  const { handles, disposed } = loadedOf(score);
  if (!disposed) return handles;
  throw invalidOption('score', score, 'a model that is in memory', {
    hint: 'It has been disposed of: load it again with await torchScore(…).',
  });
}

/** The handle that a job uses, disposed of meanwhile or not. */
export function heldHandle(score: object, device: string): NativeScore {
  return loadedOf(score).handles.get(device)!;
}

/** Keeps the model in memory for a job, until what is returned is called. */
export function holdModel(score: object): () => void {
  const loaded = loadedOf(score);
  ++loaded.jobs;
  return () => {
    --loaded.jobs;
    freeWhereIdle(loaded);
  };
}

function freeWhereIdle({ handles, jobs, disposed }: Loaded): void {
  if (!disposed || jobs > 0) return;
  for (const handle of handles.values()) addon().disposeScore(handle);
}

function loadedOf(score: object): Loaded {
  const loaded = models.get(score);
  if (loaded !== undefined) return loaded;
  throw invalidOption('score', score, 'a model loaded in this thread', {
    hint: 'A copy has no model: await torchScore(…) in this very thread.',
  });
}
