import type { TransportReceiver } from './transport.js';

/** Tells the receiver of an error. What its own error callback throws surfaces as uncaught, not inside the transport. */
export const report = (receiver: TransportReceiver, error: unknown): void => {
  try {
    receiver.error(error instanceof Error ? error : new Error(String(error)));
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
};
