import { basename } from 'node:path';
import type { Configuration } from '@hamok/raft';
import { inspectLog, type LogInspection } from '@hamok/raft/file-log';
import { type Command, field, onlyArgument } from './command.js';

/** Says whose log is in a directory, what is in it, and whether it can be used. */
export const logInspect: Command = {
  name: 'log inspect',
  parameters: 'DIR',
  summary: 'whose log is in a directory, what is in it, and whether it is damaged',
  async run(args, print) {
    const directory = onlyArgument(args, 'DIR');
    const log = await inspectLog(directory);
    print(field('directory', directory));
    if (log.state) printState(log, print);
    printSegments(log, print);
    for (const path of log.leftovers) print(field('leftover', `${basename(path)}, removed at the next start`));
    if (log.damage) {
      print(field('whole', `NO, ${log.damage.code}: ${log.damage.message}`));
      return 1;
    }
    if (log.segments.length === 0) {
      print(field('log', 'NONE in this directory'));
      return 1;
    }
    print(field('whole', 'yes'));
    return 0;
  },
};

function printState({ state, closed, ...log }: LogInspection, print: (line: string) => void): void {
  if (!state) return;
  const { owner, durability, hardState, base, configuration, lastIndex } = state;
  if (log.damage) print(field('as of', 'the damage, and not the last record'));
  print(field('member', owner?.member ?? 'nobody: the log was cleared'));
  if (owner) print(field('grid', `${owner.gridId}, begun by ${owner.founders.join(', ')}`));
  print(field('term', `${hardState.term}, vote for ${hardState.vote ?? 'nobody'}`));
  const end = endOf(state, closed);
  print(field('last run', `durability ${durability}, ${log.damage ? 'and nobody knows how it ended' : end}`));
  print(
    field(
      'base',
      base.index < 0 ? 'none' : `index ${base.index}, of term ${base.term}, at ${base.time} ms of log time`,
    ),
  );
  if (log.damage) print(field('entries', `up to ${lastIndex}`));
  else print(field('entries', log.entries === 0 ? 'none' : `${log.entries}, ${base.index + 1} to ${lastIndex}`));
  for (const { term, from, to } of log.terms) print(field('', `${from} to ${to} of term ${term}`));
  print(field('members', members(configuration)));
  for (const change of log.configurations)
    print(field('', `from ${change.index} on: ${members(change.configuration)}`));
}

function endOf({ owner, durability }: NonNullable<LogInspection['state']>, closed: boolean): string {
  const end = closed ? 'ended in order' : 'did not end in order, or runs';
  if (!owner) return end;
  const isSame = closed || durability === 'always';
  return `${end}: the member ${isSame ? 'goes on as the same' : 'comes back as a new incarnation'}`;
}

function printSegments({ segments }: LogInspection, print: (line: string) => void): void {
  for (const { path, bytes, length, entries, firstIndex, lastIndex } of segments) {
    const range = entries === 0 ? 'no entries' : `${entries} entries, ${firstIndex} to ${lastIndex}`;
    print(field('segment', `${basename(path)}: ${bytes} bytes, ${range}`));
    if (length < bytes)
      print(
        field('torn end', `${basename(path)}: from ${length} on, ${bytes - length} bytes, cut off at the next start`),
      );
  }
}

function members({ voters, learners, mostVoters }: Configuration): string {
  const most = mostVoters === undefined ? '' : ` (${mostVoters} at the most since the grid began)`;
  const voting = `voters ${voters.join(', ')}${most}`;
  return learners.length > 0 ? `${voting}; learners ${learners.join(', ')}` : voting;
}
