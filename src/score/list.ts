/** Every kind of score, a line each. */
import { callbackKind } from './callback.js';
import { mixtureKind } from './mixture.js';
import { onnxKind } from './onnx.js';
import { torchKind } from './torch.js';

export const SCORES = [torchKind, onnxKind, mixtureKind, callbackKind] as const;
