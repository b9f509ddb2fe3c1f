// A small server: samples go out as they are finished, and a client that leaves stops the work.
//
//     node examples/04-stream.mjs
//
// `stream` yields samples as they come. The work runs on its own thread, so the event loop stays free for
// other requests, and an AbortSignal ends the job within one network call.
import { createServer } from 'node:http';
import { mixtureScore, stream, vp } from 'fast-sde';

const score = mixtureScore({
  weights: [0.5, 0.5],
  means: [new Array(64).fill(-0.5), new Array(64).fill(0.5)],
  variances: [0.01, 0.01],
});

const server = createServer(async (request, response) => {
  const count = Number(new URL(request.url, 'http://localhost').searchParams.get('count') ?? 10);
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    for await (const drawn of stream({ sde: vp(), score, shape: [64], count, seed: 1, signal: gone.signal })) {
      const { index, evaluations, data } = drawn;
      response.write(`${JSON.stringify({ index, evaluations, first: data[0] })}\n`);
    }
    response.end();
  } catch (error) {
    // ERR_SDE_ABORTED where the client went away; anything else is a fault to report.
    console.log(`server: the job ended with ${error.code}`);
    response.destroy();
  } finally {
    server.emit('job done');
  }
});

// A client that asks for a hundred thousand samples, reads five, and leaves.
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const done = new Promise(resolve => server.once('job done', resolve));
const leave = new AbortController();
const answer = await fetch(`http://127.0.0.1:${server.address().port}/?count=100000`, { signal: leave.signal });
const lines = [];
let rest = '';
for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
  // A chunk may end in the middle of a line.
  const parts = (rest + chunk).split('\n');
  rest = parts.pop();
  lines.push(...parts);
  if (lines.length >= 5) break;
}
for (const line of lines.slice(0, 5)) console.log(`client: ${line}`);
leave.abort();
await done;
server.close();
