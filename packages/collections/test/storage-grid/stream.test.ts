import { expect, it } from 'vitest';
import { Stream, type StreamFrame } from '../../src/storage-grid/stream.js';
import { ManualClock } from '../../src/testing/index.js';

const delayInMs = 2;

/** One end that sends, and one that receives, in frames that a test may lose. */
function streams(isLost: (frame: StreamFrame) => boolean) {
  const clock = new ManualClock();
  const received: number[] = [];
  const end = (other: () => Stream): Stream =>
    new Stream({
      clock,
      epoch: () => 1,
      maxFrameBytes: 1,
      send: (frame) => {
        if (!isLost(frame)) clock.setTimer(() => other().receive(frame), delayInMs);
      },
      receive: ([number = -1]) => received.push(number),
    });
  const sender: Stream = end(() => receiver);
  const receiver: Stream = end(() => sender);
  return { clock, received, sender };
}

it('sends what was lost again soon after what was lost before it has come, however long that took', async () => {
  let isCut = false;
  // One more comes behind the second than is sent again with it: its acknowledgement waits as long as that of the second.
  const { clock, received, sender } = streams(({ sequence = 0 }) => isCut && (sequence < 3 || sequence > 10));
  const [first = 0, ...others] = Array.from({ length: 20 }, (_, at) => at);
  sender.send(Uint8Array.of(first));
  await clock.advance(100);
  isCut = true;
  for (const number of others) sender.send(Uint8Array.of(number));
  await clock.advance(10_000);
  expect(received).toEqual([first]);
  isCut = false;
  await clock.advance(3200 + 10 * delayInMs);
  expect(received).toEqual([first, ...others]);
});
