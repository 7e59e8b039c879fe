import type { Transport } from '../transport.js';
import { check, checkRejects, Probe } from './probe.js';

/** One fresh network a test: what its transports need to find each other. */
export interface TransportHarness {
  /** A transport that is not open yet. */
  transport(): Transport;
  /** Called after each `open`, for transports that have to be told of each other. */
  opened?(transport: Transport): void | Promise<void>;
  /** Called when the test is over and its transports are closed. */
  dispose?(): void | Promise<void>;
  /** The longest frame that the transports take; without it limits are not tested. */
  readonly maxFrameBytes?: number;
}

/** The functions of a test runner: those of vitest, jest, mocha and node:test fit. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}

class Scene {
  readonly #harness: TransportHarness;
  readonly #members: Probe[] = [];

  constructor(harness: TransportHarness) {
    this.#harness = harness;
  }

  get maxFrameBytes(): number | undefined {
    return this.#harness.maxFrameBytes;
  }

  probe(): Probe {
    const probe = new Probe(this.#harness.transport());
    this.#members.push(probe);
    return probe;
  }

  async open(id: string, gridName = 'conformance'): Promise<Probe> {
    const probe = this.probe();
    await probe.open(id, gridName);
    await this.#harness.opened?.(probe.transport);
    return probe;
  }

  /** Members that are all connected with each other. */
  async connected<Ids extends readonly string[]>(...ids: Ids): Promise<{ [Index in keyof Ids]: Probe }> {
    const members: Probe[] = [];
    for (const id of ids) members.push(await this.open(id));
    for (const member of members) {
      await member.until('everyone is connected', ({ transport }) => transport.peers.size === ids.length - 1);
    }
    return members as { [Index in keyof Ids]: Probe };
  }

  async end(): Promise<void> {
    for (const member of this.#members) await member.close();
    await this.#harness.dispose?.();
    for (const member of this.#members) member.verify();
  }
}

const bytesOf = (length: number, seed: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) bytes[index] = index * 31 + seed * 17;
  return bytes;
};

const sameBytes = (left: Uint8Array | undefined, right: Uint8Array): boolean =>
  left !== undefined && left.length === right.length && left.every((byte, index) => byte === right[index]);

const holds = (frames: readonly Uint8Array[], wanted: Uint8Array): boolean =>
  frames.some((frame) => sameBytes(frame, wanted));

const scenarios: Record<string, (scene: Scene) => Promise<void>> = {
  'connects the members of a grid, and names them': async (scene) => {
    const [a, b, c] = await scene.connected('a', 'b', 'c');
    check([...a.transport.peers].sort().join() === 'b,c', 'a has the peers b and c');
    check([...b.events].sort().join() === '+a,+c', 'b was told once of a and of c');
    check([...c.events].sort().join() === '+a,+b', 'c was told once of a and of b');
  },

  'keeps members of differently named grids apart': async (scene) => {
    const stranger = await scene.open('x', 'another grid');
    const [a, b] = await scene.connected('a', 'b');
    check(a.send(bytesOf(3, 1)), 'a sends to everyone');
    await b.until('b has the frame', ({ frames }) => frames.length > 0);
    check(!a.send(bytesOf(3, 1), 'x'), 'a frame to the stranger is refused');
    check(stranger.events.length + stranger.frames.length === 0, 'the stranger learns nothing');
  },

  'brings a frame to the peer it is for, and to nobody else': async (scene) => {
    const [a, b, c] = await scene.connected('a', 'b', 'c');
    check(a.send(bytesOf(5, 1), 'b') && a.send(bytesOf(5, 2), 'c'), 'both are sent');
    await b.until('b has its frame', ({ frames }) => holds(frames, bytesOf(5, 1)));
    await c.until('c has its frame', ({ frames }) => holds(frames, bytesOf(5, 2)));
    check(!holds(c.frames, bytesOf(5, 1)) && !holds(b.frames, bytesOf(5, 2)), 'neither has the other one');
  },

  'brings a frame for no one in particular to every peer, and not back': async (scene) => {
    const [a, b, c] = await scene.connected('a', 'b', 'c');
    check(a.send(bytesOf(9, 3)), 'the frame is sent');
    for (const peer of [b, c]) await peer.until('every peer has it', ({ frames }) => holds(frames, bytesOf(9, 3)));
    check(a.frames.length === 0, 'its sender does not have it');
  },

  'refuses frames for those who are not connected': async (scene) => {
    const early = scene.probe();
    check(!early.send(bytesOf(1, 1)), 'before open nothing is sent');
    const alone = await scene.open('a');
    check(!alone.send(bytesOf(1, 1)), 'to everyone is to nobody');
    check(!alone.send(bytesOf(1, 1), 'nobody'), 'an unknown peer is not sent to');
    check(!alone.send(bytesOf(1, 1), 'a'), 'a member does not send to itself');
    await alone.close();
    check(!alone.send(bytesOf(1, 1)), 'after close nothing is sent');
  },

  'keeps the borders and bytes of frames of every size': async (scene) => {
    const [a, b] = await scene.connected('a', 'b');
    const sizes = [0, 1, 3, 4, 5, 255, 256, 1000, 16_383, 16_384, 65_535, 65_536, 70_001, 1_000_000];
    const fitting = sizes.filter((size) => size <= (scene.maxFrameBytes ?? size));
    for (const [seed, size] of fitting.entries()) check(a.send(bytesOf(size, seed), 'b'), `${size} bytes are sent`);
    await b.until('all have come', ({ frames }) => frames.length >= fitting.length);
    for (const [seed, size] of fitting.entries()) check(holds(b.frames, bytesOf(size, seed)), `${size} bytes arrive`);
  },

  'carries thousands of frames that one turn sends, both ways': async (scene) => {
    const members = await scene.connected('a', 'b');
    const frame = (number: number) => Uint8Array.of(number >> 8, number & 255, ...bytesOf(200, number));
    for (const member of members) {
      for (let number = 0; number < 5000; number += 1) check(member.send(frame(number)), 'every frame is sent');
    }
    for (const member of members) {
      await member.until('all have come', ({ frames }) => frames.length >= 5000);
      const seen = new Set(member.frames.map((bytes) => ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0)));
      check(seen.size === 5000, 'none is missing');
      const intact = member.frames.every((bytes) => sameBytes(bytes, frame(((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0))));
      check(intact, 'none is damaged');
    }
  },

  'leaves the bytes of the sender as they are': async (scene) => {
    const [a, b] = await scene.connected('a', 'b');
    const frame = bytesOf(300, 7);
    a.send(frame, 'b');
    await b.until('the frame has come', ({ frames }) => frames.length > 0);
    check(sameBytes(frame, bytesOf(300, 7)), 'the bytes did not change');
  },

  'takes a frame of the greatest length and refuses a longer one': async (scene) => {
    if (scene.maxFrameBytes === undefined) return;
    const [a, b] = await scene.connected('a', 'b');
    check(!a.send(new Uint8Array(scene.maxFrameBytes + 1), 'b'), 'a longer frame is refused');
    const longest = bytesOf(scene.maxFrameBytes, 5);
    check(a.send(longest, 'b'), 'the longest is sent');
    await b.until('it has come', ({ frames }) => frames.length > 0);
    check(sameBytes(b.frames[0], longest), 'it is the longest that came, intact');
    check(b.events.join() === '+a', 'the connection stood');
  },

  'tells the others when a member closes': async (scene) => {
    const [a, b, c] = await scene.connected('a', 'b', 'c');
    await a.close();
    check(a.transport.peers.size === 0, 'who closed has no peers');
    for (const peer of [b, c]) await peer.until('everyone knows', ({ events }) => events.includes('-a'));
    check(!b.send(bytesOf(1, 1), 'a'), 'it is not sent to any more');
    check(b.send(bytesOf(1, 1), 'c'), 'the others are');
  },

  'connects a member that comes back under its id': async (scene) => {
    const [a, b] = await scene.connected('a', 'b');
    await a.close();
    await b.until('b knows that a left', ({ transport }) => !transport.peers.has('a'));
    const again = await scene.open('a');
    await again.until('a has b back', ({ transport }) => transport.peers.has('b'));
    await b.until('b has a back', ({ transport }) => transport.peers.has('a'));
    check(again.send(bytesOf(8, 8), 'b'), 'the new a sends');
    await b.until('b hears the new a', ({ frames }) => holds(frames, bytesOf(8, 8)));
    check(b.events.join() === '+a,-a,+a', 'b was told of each change once');
  },

  'opens once, and never after close': async (scene) => {
    const a = await scene.open('a');
    await checkRejects(a.open('a', 'conformance'), 'a second open is rejected');
    await a.close();
    await checkRejects(a.open('a', 'conformance'), 'open after close is rejected');
    const unopened = scene.probe();
    await unopened.close();
    await checkRejects(unopened.open('b', 'conformance'), 'open is rejected where close came first');
  },

  'closes as often as it is told to, at once or one after the other': async (scene) => {
    const [a] = await scene.connected('a', 'b');
    await Promise.all([a.close(), a.close()]);
    await a.close();
  },
};

/**
 * Tests a transport against the contract of `Transport`, on a network without faults. Each test gets a harness of its own.
 *
 * @example transportConformance('carrier pigeons', () => ({ transport: () => pigeons() }), { describe, it });
 */
export const transportConformance = (
  name: string,
  harness: () => TransportHarness | Promise<TransportHarness>,
  runner: ConformanceRunner,
): void => {
  runner.describe(`${name} is a Transport: it`, () => {
    for (const [title, scenario] of Object.entries(scenarios)) {
      runner.it(title, async () => {
        const scene = new Scene(await harness());
        try {
          await scenario(scene);
        } finally {
          await scene.end();
        }
      });
    }
  });
};
