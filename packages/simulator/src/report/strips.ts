import type { Entry, LogPosition, RaftCore } from '@hamok/raft';
import { describeConfiguration } from './entry.js';

/** A member and how it is: running, paused, down... */
export interface Shown {
  readonly id: string;
  readonly core: RaftCore;
  readonly disk: { readonly snapshot: { readonly position: LogPosition } };
  readonly status: string;
}

const columnsShown = 18;
const shownBehind = 3;
const roles = { leader: 'LEADER', candidate: 'candidate', 'pre-candidate': 'asks', follower: 'follower' };

/**
 * The logs side by side, a column an index, a row a member: the term of each entry, with `·` for the beginning of a term and `±` for a
 * configuration, `|` behind what is committed there, and `'` behind what is applied.
 */
export function strips(members: readonly Shown[]): string[] {
  const cores = members.map(({ core }) => core);
  const last = Math.max(-1, ...cores.map(({ log }) => log.lastIndex));
  const leastApplied = Math.min(last, ...cores.map(({ log }) => log.appliedIndex));
  const from = Math.max(0, leastApplied - shownBehind, last - columnsShown + 1);
  const columns = Array.from({ length: last - from + 1 }, (_, i) => from + i);
  const nameWidth = Math.max(...members.map((member) => nameOf(member).length));
  const rows = members.map((member) => [
    `  ${nameOf(member).padEnd(nameWidth)} `,
    ...columns.map((index) => cell(member.core, index)),
    `   ${aside(member)}`,
  ]);
  const head = [`  ${'index'.padEnd(nameWidth)} `, ...columns.map((index) => `${index}`.padEnd(6))];
  return [head.join(''), ...rows.map((row) => row.join(''))];
}

function nameOf({ id, core, status }: Shown): string {
  return `${id} ${status === 'running' ? roles[core.role] : status} t${core.term}`;
}

function cell({ log }: RaftCore, index: number): string {
  const entry = log.get(index);
  const text = index <= log.base.index ? '░' : entry ? `${entry.term}${kindOf(entry)}` : '';
  const marks = `${index === log.appliedIndex ? "'" : ''}${index === log.commitIndex ? '|' : ''}`;
  return `${text}${marks}`.padEnd(6);
}

function kindOf({ kind }: Entry): string {
  return kind === 'command' ? '' : kind === 'no-op' ? '·' : '±';
}

function aside({ core, disk }: Shown): string {
  const { log, vote, leader, configuration } = core;
  const { persistedIndex, commitIndex, appliedIndex } = log;
  const indexes = `committed ${commitIndex} applied ${appliedIndex} snapshot ${disk.snapshot.position.index} durable ${persistedIndex}`;
  return `${indexes}  vote ${vote ?? '-'} leader ${leader ?? '-'} ${describeConfiguration(configuration)}`;
}
