import type { MemoryClock } from './options.js';

const viaMessageChannel = (callback: () => void): void => {
  const { port1, port2 } = new MessageChannel();
  const received = () => {
    port1.close();
    callback();
  };
  // Assigned, since a listener added by addEventListener would wait for start() in a browser and not in Node.js.
  Object.assign(port1, { onmessage: received });
  port2.postMessage(undefined);
};

/**
 * Calls back in a turn of the event loop of its own. A microtask would be sooner, but members that keep answering each
 * other would then starve every timer and socket of the process; a zero timeout would cost milliseconds.
 */
export const nextTurn = (callback: () => void): void => {
  if ('setImmediate' in globalThis) globalThis.setImmediate(callback);
  else viaMessageChannel(callback);
};

export const systemClock: MemoryClock = {
  setTimer: (callback, delayInMs) => {
    const timer = setTimeout(callback, delayInMs);
    return () => clearTimeout(timer);
  },
};
