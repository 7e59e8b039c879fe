import type { CallOptions } from 'hamok';
import type { SeededRandom } from '../../random.js';
import type { Process } from '../world/process.js';

/** How long a caller waits: often not until the default, so that what it gave up on may still happen. */
export function patience(process: Process, random: SeededRandom): CallOptions {
  const choice = random.next();
  const limit = random.between(1, random.pick([100, 800, 4000]) ?? 800);
  if (choice < 0.2) return { timeoutInMs: limit };
  if (choice > 0.3) return {};
  const control = new AbortController();
  process.world.queue.after(limit, () => process.act(() => control.abort(new Error('the caller has gone'))));
  return { signal: control.signal };
}
