import type { Member } from '../world/member.js';

/** Voters may, those that are being removed until that is committed too, but not who never does where there is another voter. */
export function mayStand({ id, core: { log }, isPassive }: Member): boolean {
  const { voters } = log.configuration;
  const isOpen = log.configurationIndex > log.commitIndex;
  const isVoter =
    voters.includes(id) || (isOpen && log.configurationAt(log.configurationIndex - 1).voters.includes(id));
  return isVoter && !(isPassive && voters.some((voter) => voter !== id));
}
