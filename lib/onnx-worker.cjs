'use strict';
// The thread of an ONNX network, for onnxruntime-node computes on the thread that calls it, and that must not be the
// event loop's. src/score/onnx-thread.ts starts it and has the types of what is said here.

const { parentPort, workerData } = require('node:worker_threads');

/** Numbers of a call in the type that an input declares. */
const AS = {
  float32: values => (values instanceof Float32Array ? values : Float32Array.from(values)),
  float64: values => Float64Array.from(values),
  int32: values => Int32Array.from(values, Math.round),
  int64: values => BigInt64Array.from(values, value => BigInt(Math.round(value))),
  bool: values => Uint8Array.from(values, value => (value === 0 ? 0 : 1)),
};

const { runtime, bytes, options } = workerData;
const { InferenceSession, Tensor } = require(runtime);
const opened = InferenceSession.create(new Uint8Array(bytes), options);

opened.then(
  ({ inputMetadata, outputMetadata }) => parentPort.postMessage({ inputs: inputMetadata, outputs: outputMetadata }),
  error => parentPort.postMessage({ error: String(error?.message ?? error) }),
);

parentPort.on('message', async call => {
  const session = await opened;
  if (call === 'close') {
    await session.release();
    parentPort.close();
    return;
  }
  try {
    const { data, dims, type } = await answerOf(session, call);
    parentPort.postMessage({ id: call.id, answer: { data, dims, type } }, [data.buffer]);
  } catch (error) {
    parentPort.postMessage({ id: call.id, error: String(error?.message ?? error) });
  }
});

/** The output, [rows, …]. Of classifier-free guidance both halves are one call, and u + scale·(c − u) comes of it. */
async function answerOf(session, { feeds, output, guidance }) {
  const tensors = Object.fromEntries(
    feeds.map(({ name, type, dims, values, unguided }) => {
      const numbers = guidance === undefined ? values : followedBy(values, unguided ?? values);
      return [
        name,
        new Tensor(type, AS[type](numbers), guidance === undefined ? dims : [2 * dims[0], ...dims.slice(1)]),
      ];
    }),
  );
  const answer = (await session.run(tensors, [output]))[output];
  if (guidance === undefined) return answer;
  const half = answer.data.length / 2;
  const data = answer.data.slice(0, half);
  for (let i = 0; i < half; i++) {
    const none = answer.data[half + i];
    data[i] = none + guidance * (data[i] - none);
  }
  return { data, dims: [answer.dims[0] / 2, ...answer.dims.slice(1)], type: answer.type };
}

/** Both, one after the other; the second as often as it takes to be as long as the first. */
function followedBy(first, second) {
  const both = new first.constructor(2 * first.length);
  both.set(first);
  for (let at = first.length; at < both.length; at += second.length) both.set(second, at);
  return both;
}
