// Nanoseconds per encode and decode of the hot messages: our codec, the generated one, and how many times faster ours is.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { HamokMessageSchema } from '../dist/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import { HamokMessage, messageTypeOf } from '../dist/index.js';
import { hotMessages } from './messages.mjs';

const ROUNDS = 9;
const ROUND_IN_MS = 40;

let sink = 0;

function timed(run, times) {
  const start = performance.now();
  for (let i = 0; i < times; i++) sink += run();
  return performance.now() - start;
}

/** The median over several rounds, each of as many calls as take about `ROUND_IN_MS`. */
function nanoseconds(run) {
  let times = 64;
  while (timed(run, times) < ROUND_IN_MS / 2) times *= 2;
  const rounds = Array.from({ length: ROUNDS }, () => timed(run, times)).sort((a, b) => a - b);
  return (rounds[ROUNDS >> 1] * 1e6) / times;
}

function row(name, size, ours, generated) {
  const figures = [ours, generated].map((value) => value.toFixed(0).padStart(10)).join('');
  console.log(`${name.padEnd(44)}${String(size).padStart(6)}${figures}${(generated / ours).toFixed(1).padStart(8)}`);
}

console.log(`${'ns per call'.padEnd(44)} bytes     hamok generated   ratio`);
for (const [name, message] of Object.entries(hotMessages)) {
  const bytes = message.toBinary();
  const generated = fromBinary(HamokMessageSchema, bytes);
  const generatedDecode = nanoseconds(() => fromBinary(HamokMessageSchema, bytes).keys.length);
  row(
    `encode ${name}`,
    bytes.length,
    nanoseconds(() => message.toBinary().length),
    nanoseconds(() => toBinary(HamokMessageSchema, generated).length),
  );
  row(
    `decode ${name}`,
    bytes.length,
    nanoseconds(() => HamokMessage.fromBinary(bytes).keys.length),
    generatedDecode,
  );
  if (message.entries.length > 1) {
    const decodeAll = () => HamokMessage.fromBinary(bytes).embeddedMessages.length;
    row(`decode ${name}, and each entry`, bytes.length, nanoseconds(decodeAll), generatedDecode);
  }
  row(
    `type of ${name}`,
    bytes.length,
    nanoseconds(() => messageTypeOf(bytes)),
    generatedDecode,
  );
}
if (sink === 0) throw new Error('nothing was measured');
