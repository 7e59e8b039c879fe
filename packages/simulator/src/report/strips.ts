import type { Entry, LogPosition, RaftCore } from '@hamok/raft';
import { describeConfiguration } from './entry.js';
import { table } from './table.js';

/** A member and how it is: running, paused, down... */
export interface Shown {
  readonly id: string;
  readonly core: RaftCore;
  readonly disk: { readonly snapshot: { readonly position: LogPosition } };
  readonly status: string;
}

interface Column {
  readonly from: number;
  readonly to: number;
  readonly cells: readonly string[];
}

const columnsShown = 16;
const roles = { leader: 'LEADER', candidate: 'candidate', 'pre-candidate': 'asks', follower: 'follower' };
const standingHead = ['member', 'is', 'commit', 'applied', 'snapshot', 'last', 'durable', 'vote', 'follows', 'goes by'];
const key =
  "term of each entry; · begins a term, ± changes the members, | committed up to here, ' applied, ░ compacted";

/**
 * How members stand, a row each; and their logs side by side, a column an index, or all indexes between two that are the same for
 * everybody.
 *
 * @param short abbreviates the names of members
 */
export function strips(members: readonly Shown[], short = (text: string): string => text): string[] {
  if (members.length === 0) return [];
  const columns = columnsOf(members).slice(-columnsShown);
  const head = columns.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
  const rows = members.map(({ id }, row) => [id, ...columns.map(({ cells }) => cells[row] ?? '')]);
  return [
    ...table([standingHead, ...members.map((member) => standing(member).map(short))]),
    `logs: ${key}`,
    ...table([['index', ...head], ...rows]),
    ...members.flatMap(progressOf).map(short),
  ];
}

/** What a leader believes of the others. */
function progressOf({ id, core }: Shown): string[] {
  if (core.role !== 'leader') return [];
  const others = [...core.progress.values()].map(
    ({ member, state, matchIndex, nextIndex }) =>
      `${member} holds up to ${matchIndex}, next is ${nextIndex} (${state})`,
  );
  return [`${id} believes: ${others.join('; ') || 'nothing of anybody'}`];
}

function standing({ id, core, disk, status }: Shown): string[] {
  const { log, vote, leader, configuration, role, term } = core;
  const { persistedIndex, commitIndex, appliedIndex, last } = log;
  return [
    id,
    `${status === 'running' ? roles[role] : status} t${term}`,
    `${commitIndex}`,
    `${appliedIndex}`,
    `${disk.snapshot.position.index}`,
    `${last.index}/${last.term}`,
    `${persistedIndex}`,
    vote ?? '-',
    leader ?? '-',
    describeConfiguration(configuration),
  ];
}

function columnsOf(members: readonly Shown[]): Column[] {
  const logs = members.map(({ core }) => core.log);
  const last = Math.max(-1, ...logs.map(({ lastIndex }) => lastIndex));
  const first = Math.min(last, ...logs.map(({ base }) => base.index + 1));
  const columns: Column[] = [];
  for (let index = Math.max(0, first); index <= last; index++) {
    const cells = members.map(({ core }) => cell(core, index));
    const before = columns[columns.length - 1];
    if (before && cells.every((text, row) => text === before.cells[row]))
      columns[columns.length - 1] = { ...before, to: index };
    else columns.push({ from: index, to: index, cells });
  }
  return columns;
}

function cell({ log }: RaftCore, index: number): string {
  const entry = log.get(index);
  const text = index <= log.base.index ? '░' : entry ? `${entry.term}${kindOf(entry)}` : '';
  return `${text}${index === log.appliedIndex ? "'" : ''}${index === log.commitIndex ? '|' : ''}`;
}

function kindOf({ kind }: Entry): string {
  return kind === 'command' ? '' : kind === 'no-op' ? '·' : '±';
}
