// Nanoseconds per encode and decode of the hot messages: our codec, the generated one, and how many times faster ours is.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { HamokMessageSchema } from '../dist/gen/io/github/hamok/dev/schema/hamok_message_pb.js';
import { HamokMessage, messageTypeOf } from '../dist/index.js';
import { hotMessages } from './messages.mjs';

const ROUNDS = 9;
const ROUND_IN_MS = 40;

let sink = 0;

function timed(run, messages, times) {
  const start = performance.now();
  for (let i = 0; i < times; i++) sink += run(messages[i % messages.length]);
  return performance.now() - start;
}

/** A function with its messages, and as many calls of it as take about `ROUND_IN_MS`. */
function prepare(run, messages) {
  let times = 256;
  while (timed(run, messages, times) < ROUND_IN_MS / 2) times *= 2;
  return () => (timed(run, messages, times) * 1e6) / times;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/** Prints the median over several rounds. Both take turns, so that what else the machine does weighs on both. */
function compare(name, ours, generated) {
  const rounds = Array.from({ length: ROUNDS }, () => [ours(), generated()]);
  const [hamok, other] = [0, 1].map((side) => median(rounds.map((round) => round[side])));
  const figures = [hamok, other].map((value) => value.toFixed(0).padStart(11)).join('');
  console.log(`${name.padEnd(46)}${figures}${(other / hamok).toFixed(1).padStart(8)}`);
}

console.log(`${'ns per call (median)'.padEnd(46)}      hamok  generated   ratio`);
for (const [name, messages] of Object.entries(hotMessages)) {
  const encoded = messages.map((message) => message.toBinary());
  const title = `${name} (${encoded[0].length} B)`;
  const decodeGenerated = prepare((bytes) => fromBinary(HamokMessageSchema, bytes).keys.length, encoded);
  compare(
    `encode ${title}`,
    prepare((message) => message.toBinary().length, messages),
    prepare(
      (message) => toBinary(HamokMessageSchema, message).length,
      encoded.map((bytes) => fromBinary(HamokMessageSchema, bytes)),
    ),
  );
  compare(
    `decode ${title}`,
    prepare((bytes) => HamokMessage.fromBinary(bytes).keys.length, encoded),
    decodeGenerated,
  );
  if (messages[0].entries.length > 1) {
    const decodeAll = (bytes) => HamokMessage.fromBinary(bytes).embeddedMessages.length;
    compare('  and every entry', prepare(decodeAll, encoded), decodeGenerated);
  }
  compare('  its type alone', prepare(messageTypeOf, encoded), decodeGenerated);
}
if (sink === 0) throw new Error('nothing was measured');
