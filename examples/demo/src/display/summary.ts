import type { Figures, MemberFigures, Outcome, RestartFigures } from '../outcome.js';
import type { Latency } from '../process/protocol.js';
import { milliseconds, seconds, whole } from './numbers.js';

const labelWidth = 17;
const sizeWidth = 8;
/** For the hashes of all members, side by side. */
const hashesWidth = 48;

/** The outcome for people, within 80 columns. */
export function summaryOf({ ok, problems, figures }: Outcome): string {
  const verdict = ok
    ? ['OK: all members hold the same content, and every write that was acknowledged.']
    : problems.map((problem) => `FAILED: ${problem}`);
  return [...(figures === undefined ? [] : ['', ...figureLines(figures)]), '', ...verdict, ''].join('\n');
}

function figureLines(figures: Figures): string[] {
  const { content, writes, commitLatency, throughput, failover, killed, returned, rollingRestart } = figures;
  const witnesses = content.afterReturn.filter(({ id }) => id !== killed.id);
  return [
    ...contentLines(`${killed.id} is back`, content.afterReturn),
    ...contentLines('all restarted', content.afterRollingRestart),
    row(
      'writes',
      `${whole(writes.loaded)} loaded, ${whole(writes.measured)} measured, ${whole(writes.retries)} retried`,
    ),
    row('inserts watched', witnesses.map(({ id, insertsWatched }) => `${whole(insertsWatched)} by ${id}`).join(', ')),
    row('commit latency', `${latencyText(commitLatency.leader)}  leader`),
    row('(one caller)', `${latencyText(commitLatency.follower)}  follower`),
    row('throughput', `${whole(throughput.setsPerSecond)} sets/s, ${whole(throughput.inFlight)} in flight`),
    row(
      'failover',
      `new leader ${milliseconds(failover.newLeaderInMs)}, first write ${milliseconds(failover.firstWriteInMs)}`,
    ),
    row('return', `${returned.id} joined ${milliseconds(returned.joinedInMs)} after its start`),
    row('rolling restart', `${seconds(rollingRestart.elapsedInMs)} in all`),
    ...rollingRestart.steps.map((step) => row(`  ${step.id}${step.wasLeader ? ' (leader)' : ''}`, restartText(step))),
  ];
}

/** A line for each map: its size, and its hash on each member. */
function contentLines(title: string, members: readonly MemberFigures[]): string[] {
  const width = Math.floor(hashesWidth / members.length);
  const columns = (texts: readonly string[]): string =>
    texts
      .map((text) => text.padEnd(width))
      .join('')
      .trimEnd();
  const heading = `${'entries'.padStart(sizeWidth)}  ${columns(members.map(({ id }) => id))}`;
  const mapIds = new Set(members.flatMap(({ maps }) => maps.map(({ id }) => id)));
  const lines = [...mapIds].map((mapId) => {
    const held = members.map(({ maps }) => maps.find(({ id }) => id === mapId));
    const sizes = new Set(held.map((map) => whole(map?.size ?? 0)));
    const hashes = held.map((map) => map?.hash.slice(0, width - 2) ?? 'none');
    return row(`  ${mapId}`, `${[...sizes].join('/').padStart(sizeWidth)}  ${columns(hashes)}`);
  });
  return [row(title, heading), ...lines];
}

function restartText({ joinedInMs, writer, writes, longestWaitInMs }: RestartFigures): string {
  const written = `${whole(writes)} writes by ${writer}, the longest ${milliseconds(longestWaitInMs)}`;
  return `joined ${milliseconds(joinedInMs)}, ${written}`;
}

function latencyText({ p50InMs, p99InMs }: Latency): string {
  return `p50 ${milliseconds(p50InMs)}  p99 ${milliseconds(p99InMs)}`;
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(labelWidth)} ${text}`;
}
