import { Buffer } from 'node:buffer';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

type Transform = (bytes: Uint8Array) => Uint8Array;

/**
 * The platform compresses beside the event loop, in turns that virtual time does not have: within a simulation that is done at once, when
 * all is there. Returns what brings the platform's own back.
 */
export function promptCompression(): () => void {
  // biome-ignore lint/style/noRestrictedGlobals: it is where the product finds them
  const platform = globalThis;
  const { CompressionStream, DecompressionStream } = platform;
  const [deflating, inflating] = [promptly(deflateRawSync), promptly(inflateRawSync)];
  Object.assign(platform, { CompressionStream: deflating, DecompressionStream: inflating });
  return () => void Object.assign(platform, { CompressionStream, DecompressionStream });
}

function promptly(transform: Transform): new (format: string) => TransformStream<Uint8Array, Uint8Array> {
  return class extends TransformStream<Uint8Array, Uint8Array> {
    constructor(format: string) {
      if (format !== 'deflate-raw') throw new RangeError(`no simulated compression ${format}`);
      const parts: Uint8Array[] = [];
      super({
        transform: (part) => void parts.push(part),
        flush: (controller) => controller.enqueue(new Uint8Array(transform(Buffer.concat(parts)))),
      });
    }
  };
}
