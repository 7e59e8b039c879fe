import type { AnswersOfCalls } from './answers-of-calls.js';
import { certainRefusals } from './certain-refusals.js';
import { ClosedSessions } from './closed-sessions.js';
import { cores } from './cores.js';
import { durablePromises } from './durable-promises.js';
import { EffectsOfCommands } from './effects-of-commands.js';
import { equalStates } from './equal-states.js';
import { Founders } from './founders.js';
import type { GridInvariant } from './grid-invariant.js';
import { journal } from './journal.js';
import { keptPromises } from './kept-promises.js';
import { MostVoters } from './most-voters.js';
import { noMessageStorm } from './no-message-storm.js';
import { noUnexpectedErrors } from './no-unexpected-errors.js';
import { oneGrid } from './one-grid.js';
import { oneIncarnation } from './one-incarnation.js';
import { punctualCalls } from './punctual-calls.js';
import { questionNumbers } from './question-numbers.js';
import { quietWhenClosed } from './quiet-when-closed.js';
import { Removals } from './removals.js';
import { Returns } from './returns.js';
import { ToldConflicts } from './told-conflicts.js';
import { ToldEvents } from './told-events.js';
import { ToldFailures } from './told-failures.js';
import { ToldJoining } from './told-joining.js';
import { ToldLeadership } from './told-leadership.js';
import { ToldMembers } from './told-members.js';
import { ToldStrangers } from './told-strangers.js';

/** Those that need not be told what clients do. @param answers are compared with what a plain model says */
export function gridInvariants(answers: AnswersOfCalls): GridInvariant[] {
  const told = new ToldEvents();
  const mostVoters = new MostVoters();
  const { told: toldCores, checked: checkedCores } = cores();
  return [
    toldCores,
    // Before those of cores, which name it among others.
    oneIncarnation(),
    new ClosedSessions(),
    checkedCores,
    keptPromises(),
    durablePromises(),
    certainRefusals(),
    equalStates(),
    journal(told),
    new EffectsOfCommands(told, answers),
    oneGrid(),
    new Founders(),
    mostVoters,
    new Removals(mostVoters),
    new Returns(),
    punctualCalls(),
    questionNumbers(),
    new ToldLeadership(),
    new ToldMembers(),
    new ToldJoining(),
    new ToldConflicts(),
    new ToldStrangers(),
    new ToldFailures(),
    quietWhenClosed(),
    noMessageStorm(),
    noUnexpectedErrors(),
  ];
}
