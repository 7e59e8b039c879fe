import type { Figures, Outcome, SurvivorFigures } from '../outcome.js';
import type { Latency } from '../process/protocol.js';
import { milliseconds, whole } from './numbers.js';

const labelWidth = 17;

/** The outcome for people, within 80 columns. */
export function summaryOf({ ok, problems, figures }: Outcome): string {
  const verdict = ok
    ? ['OK: the survivors hold the same content, and every write that was acknowledged.']
    : problems.map((problem) => `FAILED: ${problem}`);
  return [...(figures === undefined ? [] : ['', ...figureLines(figures)]), '', ...verdict, ''].join('\n');
}

function figureLines({ survivors, writes, commitLatency, throughput, failover }: Figures): string[] {
  return [
    ...survivors.flatMap(survivorLines),
    row(
      'writes',
      `${whole(writes.loaded)} loaded, ${whole(writes.measured)} measured, ${whole(writes.retries)} retried`,
    ),
    row('commit latency', `${latencyText(commitLatency.leader)}  leader`),
    row('(one caller)', `${latencyText(commitLatency.follower)}  follower`),
    row('throughput', `${whole(throughput.setsPerSecond)} sets/s, ${whole(throughput.inFlight)} in flight`),
    row(
      'failover',
      `new leader ${milliseconds(failover.newLeaderInMs)}, first write ${milliseconds(failover.firstWriteInMs)}`,
    ),
  ];
}

function survivorLines({ id, role, maps, insertsWatched }: SurvivorFigures): string[] {
  const heading = `${id} (${role})`;
  const watched = row(heading, `watched ${whole(insertsWatched)} inserts`);
  return [
    watched,
    ...maps.map((map) => row(`  ${map.id}`, `${whole(map.size).padStart(6)} entries  ${map.hash.slice(0, 32)}…`)),
  ];
}

function latencyText({ p50InMs, p99InMs }: Latency): string {
  return `p50 ${milliseconds(p50InMs)}  p99 ${milliseconds(p99InMs)}`;
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(labelWidth)} ${text}`;
}
