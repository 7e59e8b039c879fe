import type { Latency, LatencyPlan, Throughput, ThroughputPlan } from '../process/protocol.js';

/** Times `call` with nothing else in flight. */
export async function measureLatency(
  call: (n: number) => Promise<void>,
  { warmUp, samples }: LatencyPlan,
): Promise<{ latency: Latency; writes: number }> {
  let writes = 0;
  while (writes < warmUp) await call(writes++);
  const times: number[] = [];
  while (times.length < samples) {
    const begin = performance.now();
    await call(writes++);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const latency = { samples, p50InMs: percentile(times, 0.5), p99InMs: percentile(times, 0.99) };
  return { latency, writes };
}

/** The smallest of the sorted values that at least that share of them does not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Counts what `inFlight` callers get acknowledged, each calling again as soon as it has its answer. */
export async function measureThroughput(
  call: (caller: number, n: number) => Promise<void>,
  { inFlight, warmUpInMs, durationInMs }: ThroughputPlan,
): Promise<{ throughput: Throughput; writes: number }> {
  const begin = performance.now() + warmUpInMs;
  const end = begin + durationInMs;
  let writes = 0;
  let sets = 0;
  const caller = async (number: number): Promise<void> => {
    for (let n = 0, now = 0; now < end; n++) {
      await call(number, n);
      now = performance.now();
      writes++;
      if (now >= begin && now < end) sets++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, number) => caller(number)));
  return { throughput: { sets, durationInMs }, writes };
}
