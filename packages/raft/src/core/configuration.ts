import type { MemberId } from '../identity/member-id.js';

/** Who is in the grid. Voters elect and commit; learners only receive the log. Thesis §4. */
export interface Configuration {
  readonly voters: readonly MemberId[];
  readonly learners: readonly MemberId[];
  /** The most voters of any configuration since the grid began, up to 2^31 - 1; absent while none had more than this one. */
  readonly mostVoters?: number | undefined;
}

/** One change at a time: any majority of the voters before overlaps any majority after (thesis §4.1). */
export type ConfigurationChange =
  | { readonly type: 'add-learner'; readonly member: MemberId }
  | { readonly type: 'promote'; readonly member: MemberId }
  | { readonly type: 'remove'; readonly member: MemberId };

/** How many of `voters` make a majority. */
export function majority(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** The most voters of a configuration and of all before it. */
export function mostVotersOf({ voters, mostVoters = 0 }: Configuration): number {
  return Math.max(mostVoters, voters.length);
}

/** Whether the `mostVoters` that a frame, a disk or a file names can be those of its voters. */
export function hasPossibleMost({ voters, mostVoters = voters.length }: Configuration): boolean {
  return Number.isInteger(mostVoters) && mostVoters >= voters.length && mostVoters < 2 ** 31;
}

export function isVoter(configuration: Configuration, member: MemberId): boolean {
  return configuration.voters.includes(member);
}

export function isLearner(configuration: Configuration, member: MemberId): boolean {
  return configuration.learners.includes(member);
}

export function isMember(configuration: Configuration, member: MemberId): boolean {
  return isVoter(configuration, member) || isLearner(configuration, member);
}

export function membersOf(configuration: Configuration): MemberId[] {
  return [...configuration.voters, ...configuration.learners];
}

/** Who is in the one configuration and not in the other. */
export interface MemberChanges {
  readonly joined: MemberId[];
  readonly left: MemberId[];
}

export function memberChanges(before: Configuration | undefined, after: Configuration): MemberChanges {
  const [then, now] = [before ? membersOf(before) : [], membersOf(after)];
  return {
    joined: now.filter((member) => !then.includes(member)),
    left: then.filter((member) => !now.includes(member)),
  };
}

/** The configuration after a change that was found valid against this one. */
export function changed(configuration: Configuration, change: ConfigurationChange): Configuration {
  const members = changedMembers(configuration, change);
  const mostVoters = mostVotersOf(configuration);
  return mostVoters > members.voters.length ? { ...members, mostVoters } : members;
}

function changedMembers({ voters, learners }: Configuration, change: ConfigurationChange): Configuration {
  const without = (members: readonly MemberId[]): MemberId[] => members.filter((member) => member !== change.member);
  switch (change.type) {
    case 'add-learner':
      return { voters, learners: [...learners, change.member] };
    case 'promote':
      return { voters: [...voters, change.member], learners: without(learners) };
    case 'remove':
      return { voters: without(voters), learners: without(learners) };
  }
}
