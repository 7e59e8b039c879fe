import { ConfigurationError, DuplicatePeerError } from '@hamok/transport';
import { type MemoryClock, MemoryNetwork } from '@hamok/transport/memory';
import { describe, expect, it } from 'vitest';
import { Recorder } from '../recorder.js';

class ManualClock implements MemoryClock {
  #now = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  get pending(): number {
    return this.#timers.size;
  }

  setTimer(callback: () => void, delayInMs: number): () => void {
    const timer = { at: this.#now + delayInMs, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  advance(toMs: number): void {
    for (;;) {
      let due: { at: number; callback: () => void } | undefined;
      for (const timer of this.#timers) if (timer.at <= toMs && !(due && due.at <= timer.at)) due = timer;
      if (due === undefined) break;
      this.#now = due.at;
      this.#timers.delete(due);
      due.callback();
    }
    this.#now = toMs;
  }
}

const seeded = (seed: number) => {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};

const grid = async (network: MemoryNetwork, clock: ManualClock, ...ids: string[]) => {
  const members = await Promise.all(ids.map((id) => Recorder.open(network.transport(), id)));
  clock.advance(0);
  return members;
};

const numbered = (number: number) => Uint8Array.of(number >> 8, number & 255);
const numberOf = (frame: Uint8Array) => ((frame[0] ?? 0) << 8) | (frame[1] ?? 0);

describe('MemoryNetwork', () => {
  it('delivers what one turn sent in the next, in order, with one timer', async () => {
    const clock = new ManualClock();
    const [a, b] = await grid(new MemoryNetwork({ clock }), clock, 'a', 'b');
    for (let number = 0; number < 1000; number += 1) a?.transport.send(numbered(number), 'b');
    expect(clock.pending).toBe(1);
    expect(b?.frames).toEqual([]);
    clock.advance(0);
    expect(b?.frames.map(numberOf)).toEqual(Array.from({ length: 1000 }, (_, number) => number));
  });

  it('refuses a second open member with the same id, and takes it once the first has closed', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock });
    const [a, b] = await grid(network, clock, 'a', 'b');
    await expect(Recorder.open(network.transport(), 'a')).rejects.toBeInstanceOf(DuplicatePeerError);
    a?.transport.send(numbered(7), 'b');
    await a?.transport.close();
    await grid(network, clock, 'a');
    expect(b?.events).toEqual(['+a', 'frame', '-a', '+a']);
  });

  it('keeps networks apart', async () => {
    const clock = new ManualClock();
    const [a] = await grid(new MemoryNetwork({ clock }), clock, 'a');
    const [b] = await grid(new MemoryNetwork({ clock }), clock, 'b');
    expect([a?.events, b?.events]).toEqual([[], []]);
  });

  it('loses, duplicates and reorders as told, and the same for the same seed', async () => {
    const run = async (seed: number) => {
      const clock = new ManualClock();
      const faults = { loss: 0.2, duplication: 0.2, minDelayInMs: 1, maxDelayInMs: 50 };
      const network = new MemoryNetwork({ clock, random: seeded(seed), faults });
      const [a, b] = await grid(network, clock, 'a', 'b');
      for (let number = 0; number < 1000; number += 1) expect(a?.transport.send(numbered(number), 'b')).toBe(true);
      clock.advance(50);
      return (b?.frames ?? []).map(numberOf);
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    const distinct = new Set(first);
    expect(distinct.size).toBeGreaterThan(700);
    expect(distinct.size).toBeLessThan(900);
    expect(first.length - distinct.size).toBeGreaterThan(100);
    expect([...first].sort((x, y) => x - y)).not.toEqual(first);
  });

  it('has faults of one direction of one link, and takes them back', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock });
    const [a, b, c] = await grid(network, clock, 'a', 'b', 'c');
    network.setFaults({ loss: 1 }, { from: 'a', to: 'b' });
    a?.transport.send(numbered(1));
    b?.transport.send(numbered(2), 'a');
    clock.advance(0);
    expect([a, b, c].map((member) => member?.frames.map(numberOf))).toEqual([[2], [], [1]]);
    network.setFaults({});
    a?.transport.send(numbered(3), 'b');
    clock.advance(0);
    expect(b?.frames.map(numberOf)).toEqual([3]);
  });

  it('partitions silently, one way or both, losing what is under way, until healed', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock });
    const [a, b, c] = await grid(network, clock, 'a', 'b', 'c');
    const everyoneSends = (number: number) => {
      for (const member of [a, b, c]) expect(member?.transport.send(numbered(number))).toBe(true);
    };
    const received = () => [a, b, c].map((member) => member?.frames.splice(0).length);

    everyoneSends(1);
    network.partition(['a']);
    clock.advance(0);
    expect(received()).toEqual([0, 1, 1]);
    everyoneSends(2);
    clock.advance(0);
    expect(received()).toEqual([0, 1, 1]);

    network.heal();
    network.partition(['a'], ['b'], { oneWay: true });
    everyoneSends(3);
    clock.advance(0);
    expect(received()).toEqual([2, 1, 2]);

    network.heal();
    everyoneSends(4);
    clock.advance(0);
    expect(received()).toEqual([2, 2, 2]);
    expect(a?.events.filter((event) => event !== 'frame')).toEqual(['+b', '+c']);
  });

  it('disconnects and reconnects one member, with both ends told', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock });
    const [a, b, c] = await grid(network, clock, 'a', 'b', 'c');
    a?.transport.send(numbered(1), 'b');
    network.disconnect('b');
    expect(a?.transport.send(numbered(2), 'b')).toBe(false);
    clock.advance(0);
    expect([...(a?.transport.peers ?? [])]).toEqual(['c']);
    network.reconnect('b');
    clock.advance(0);
    expect(a?.events).toEqual(['+b', '+c', '-b', '+b']);
    expect(b?.events).toEqual(['+a', '+c', '-a', '-c', '+a', '+c']);
    expect(c?.events).toEqual(['+a', '+b', '-b', '+b']);
  });

  it('bounds frames, bytes under way and the length of a frame', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock, maxQueuedFrames: 3, maxQueuedBytes: 10, maxFrameBytes: 8 });
    const [a, b] = await grid(network, clock, 'a', 'b');
    const send = (bytes: number) => a?.transport.send(new Uint8Array(bytes), 'b');
    expect([send(9), send(8), send(3), send(2), send(0), send(0)]).toEqual([false, true, false, true, true, false]);
    clock.advance(0);
    expect(b?.frames.map((frame) => frame.length)).toEqual([8, 2, 0]);
    expect(send(8)).toBe(true);
  });

  it('releases the timers of frames under way when their receiver closes', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock, faults: { minDelayInMs: 10 } });
    const [a, b] = await grid(network, clock, 'a', 'b');
    a?.transport.send(numbered(1), 'b');
    expect(clock.pending).toBe(1);
    await b?.transport.close();
    clock.advance(0);
    expect(clock.pending).toBe(0);
  });

  it('overwrites delivered frames when asked, and not the bytes of the sender', async () => {
    const clock = new ManualClock();
    const network = new MemoryNetwork({ clock, overwriteDelivered: true });
    const [a] = await grid(network, clock, 'a');
    let kept: Uint8Array = new Uint8Array();
    await network.transport().open(
      { id: 'b', gridName: 'test' },
      {
        frame: (frame) => {
          kept = frame;
        },
        connected() {},
        disconnected() {},
        error() {},
      },
    );
    clock.advance(0);
    const bytes = Uint8Array.of(1, 2, 3);
    a?.transport.send(bytes, 'b');
    clock.advance(0);
    expect([...kept]).toEqual([0xdb, 0xdb, 0xdb]);
    expect([...bytes]).toEqual([1, 2, 3]);
  });

  it.each([
    [{ maxFrameBytes: -1 }, 'maxFrameBytes'],
    [{ maxQueuedFrames: 0.5 }, 'maxQueuedFrames'],
    [{ faults: { loss: 2 } }, 'loss'],
    [{ faults: { duplication: Number.NaN } }, 'duplication'],
    [{ faults: { minDelayInMs: -1 } }, 'minDelayInMs'],
    [{ faults: { minDelayInMs: 5, maxDelayInMs: 1 } }, 'maxDelayInMs'],
  ])('refuses %o', (options, field) => {
    const refused = expect(() => new MemoryNetwork(options));
    refused.toThrowError(ConfigurationError);
    refused.toThrowError(expect.objectContaining({ code: 'configuration', field }));
  });
});
