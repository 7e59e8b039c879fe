import { expect, it } from 'vitest';
import { Stream, type StreamFrame } from '../../src/storage-grid/stream.js';
import { ManualClock } from '../../src/testing/index.js';

const delayInMs = 2;
/** The message whose sender does not wait to hear that it came. */
const notAwaited = 255;

/** One end that sends, and one that receives, in frames that a test may lose. */
function streams(isLost: (frame: StreamFrame) => boolean = () => false, delay = () => delayInMs) {
  const clock = new ManualClock();
  const received: number[] = [];
  const frames: StreamFrame[] = [];
  const end = (other: () => Stream): Stream =>
    new Stream({
      clock,
      epoch: () => 1,
      maxFrameBytes: 1,
      send: (frame) => {
        frames.push(frame);
        if (!isLost(frame)) clock.setTimer(() => other().receive(frame), delay());
      },
      receive: ([number = -1]) => {
        received.push(number);
        return number !== notAwaited;
      },
    });
  const sender: Stream = end(() => receiver);
  const receiver: Stream = end(() => sender);
  return { clock, received, frames, sender, receiver };
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

it('acknowledges what nobody waits for with what is sent next, or a little later, and all else at once', async () => {
  const { clock, frames, sender, receiver } = streams();
  const acknowledged: number[] = [];
  const send = (number: number): void => sender.send(Uint8Array.of(number), () => acknowledged.push(clock.now()));
  send(1);
  await clock.advance(2 * delayInMs);
  expect(acknowledged).toEqual([2 * delayInMs]);
  expect(frames).toHaveLength(2);

  send(notAwaited);
  await clock.advance(2 * delayInMs);
  expect(acknowledged).toHaveLength(1);
  receiver.send(Uint8Array.of(2));
  await clock.advance(delayInMs);
  expect(acknowledged).toEqual([2 * delayInMs, 5 * delayInMs]);
  // Both, and the acknowledgement of the answer.
  await clock.advance(50);
  expect(frames).toHaveLength(5);

  const begin = clock.now();
  send(notAwaited);
  await clock.advance(50);
  expect(frames).toHaveLength(7);
  expect(acknowledged[2]).toBe(begin + 2 * delayInMs + 20);
});

it('sends nothing again of what was first sent when the other end answered again after a pause', async () => {
  let isPaused = false;
  const held: (() => void)[] = [];
  const clock = new ManualClock();
  const sequences: number[] = [];
  const deliver = (take: () => void): void => {
    if (isPaused) held.push(take);
    else clock.setTimer(take, delayInMs);
  };
  const options = { clock, epoch: () => 1, maxFrameBytes: 1, receive: () => true };
  const sender: Stream = new Stream({
    ...options,
    send: (frame) => {
      if (frame.sequence !== undefined) sequences.push(frame.sequence);
      deliver(() => receiver.receive(frame));
    },
  });
  const receiver: Stream = new Stream({ ...options, send: (frame) => deliver(() => sender.receive(frame)) });
  const sendForMs = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at++) {
      sender.send(Uint8Array.of(1));
      await clock.advance(1);
    }
  };
  await sendForMs(100);
  isPaused = true;
  await clock.advance(250);
  isPaused = false;
  for (const take of held.splice(0)) clock.setTimer(take, delayInMs);
  const sentBefore = Math.max(...sequences);
  await sendForMs(500);
  const after = sequences.filter((sequence) => sequence > sentBefore);
  expect(after).toHaveLength(500);
  expect(new Set(after).size).toBe(500);
});

it('looks whether the acknowledgement is there before it sends again, as timers come first after this end was held up', async () => {
  let delay = delayInMs;
  const { clock, frames, sender } = streams(undefined, () => delay);
  sender.send(Uint8Array.of(1));
  await clock.advance(100);
  frames.splice(0);
  // It is due when the time to wait for it is up, and comes behind that.
  delay = 50;
  sender.send(Uint8Array.of(2));
  await clock.advance(1000);
  expect(frames.filter(({ sequence }) => sequence !== undefined)).toHaveLength(1);
});

it('tells of who acknowledges nothing, and when very much waits for it', async () => {
  let isCut = true;
  const { clock, sender } = streams(() => isCut);
  sender.send(Uint8Array.of(1));
  await clock.advance(1900);
  expect(sender.isSilent).toBe(false);
  await clock.advance(200);
  expect([sender.isSilent, sender.isStuck]).toEqual([true, false]);
  isCut = false;
  await clock.advance(4000);
  expect(sender.isSilent).toBe(false);

  isCut = true;
  // 64 frames of a message each are under way.
  for (let n = 0; n < 65_536 + 63; n++) sender.send(Uint8Array.of(1));
  await clock.advance(2100);
  expect([sender.isSilent, sender.isStuck]).toEqual([true, false]);
  sender.send(Uint8Array.of(1));
  expect(sender.isStuck).toBe(true);
});
