import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, SIGNALS } from '../../src/tcp/frame-reader.js';

const framed = (payloads: readonly Uint8Array[]): Uint8Array => {
  const stream = new Uint8Array(payloads.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const payload of payloads) {
    new DataView(stream.buffer).setUint32(at, payload.length);
    stream.set(payload, at + 4);
    at += 4 + payload.length;
  }
  return stream;
};

const header = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

const reader = (maxFrameBytes: number) => {
  const frames: Uint8Array[] = [];
  const signals: number[] = [];
  const read = new FrameReader(
    maxFrameBytes,
    (frame) => frames.push(frame),
    (signal) => signals.push(signal),
  );
  return { read, frames, signals };
};

describe('FrameReader', () => {
  it('hands out the frames that were framed, whatever the chunks', () => {
    const payloads = fc.array(
      fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 3000, size: 'max' })),
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 });
    fc.assert(
      fc.property(payloads, cuts, (sent, sizes) => {
        const { read, frames } = reader(3000);
        const stream = framed(sent);
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          read.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(frames).toEqual(sent);
      }),
    );
  });

  it('views a frame that lies whole in a chunk, as a plain Uint8Array', () => {
    const { read, frames } = reader(100);
    const chunk = Buffer.from(framed([Uint8Array.of(1, 2, 3)]));
    read.push(chunk);
    expect(frames[0]?.buffer).toBe(chunk.buffer);
    expect(Buffer.isBuffer(frames[0])).toBe(false);
  });

  it('sets aside for a frame what has come, not what is announced', () => {
    const { read, frames } = reader(2 ** 30);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => reader(2 ** 30).read);
    for (const each of [read, ...readers]) each.push(new Uint8Array([...header(2 ** 30), 1]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    expect(frames).toEqual([]);
  });

  it('gathers a large frame from single bytes in linear time', () => {
    const payload = new Uint8Array(2 * 1024 * 1024).map((_, index) => index * 7);
    const { read, frames } = reader(payload.length);
    const stream = framed([payload]);
    for (let at = 0; at < stream.length; at += 1) read.push(stream.subarray(at, at + 1));
    expect(frames).toHaveLength(1);
    expect(Buffer.compare(frames[0] ?? new Uint8Array(), payload)).toBe(0);
  });

  it('refuses a longer frame by its header alone', () => {
    const { read } = reader(10);
    expect(() => read.push(header(11))).toThrowError(expect.objectContaining({ code: 'frame-too-large', bytes: 11 }));
  });

  it('tells signals from frames', () => {
    const { read, frames, signals } = reader(10);
    read.push(new Uint8Array([...framed([Uint8Array.of(9)]), ...header(SIGNALS + 1), ...framed([Uint8Array.of(8)])]));
    expect(signals).toEqual([1]);
    expect(frames).toEqual([Uint8Array.of(9), Uint8Array.of(8)]);
  });

  it('stops within a chunk when told to', () => {
    const frames: Uint8Array[] = [];
    const read = new FrameReader(
      10,
      (frame) => {
        frames.push(frame);
        read.stop();
      },
      () => {},
    );
    read.push(framed([Uint8Array.of(1), Uint8Array.of(2)]));
    expect(frames).toEqual([Uint8Array.of(1)]);
  });
});
