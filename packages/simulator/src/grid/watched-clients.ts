import { AnsweredCalls } from './invariants/answered-calls.js';
import { AnswersOfCalls } from './invariants/answers-of-calls.js';
import { CertainEndings } from './invariants/certain-endings.js';
import { CommandsOfCalls } from './invariants/commands-of-calls.js';
import { CommitHead } from './invariants/commit-head.js';
import { Deliveries } from './invariants/deliveries.js';
import { Expiry } from './invariants/expiry.js';
import type { GridInvariant } from './invariants/grid-invariant.js';
import { Holds } from './invariants/holds.js';
import { gridInvariants } from './invariants/index.js';
import { LogEffects } from './invariants/log-effects.js';
import { MissedEvents } from './invariants/missed-events.js';
import { MonotonicReads } from './invariants/monotonic-reads.js';
import { Offers } from './invariants/offers.js';
import { OrderOfCalls } from './invariants/order-of-calls.js';
import { RemoteChanges } from './invariants/remote-changes.js';
import { SlowWatches } from './invariants/slow-watches.js';
import { Watches } from './invariants/watches.js';
import type { GridPlan } from './plan.js';
import { AnyClient } from './workload/any/any-client.js';
import type { Client } from './workload/client.js';
import { EmitterClient } from './workload/emitter-client.js';
import { EndingMapClient } from './workload/ending-map-client.js';
import { LineClient } from './workload/line-client.js';
import { MapClient } from './workload/map-client.js';
import { MemberClient } from './workload/member-client.js';
import { PlainRemoteMapClient } from './workload/plain-remote-map-client.js';
import { RecordClient } from './workload/record-client.js';
import { RemoteMapClient } from './workload/remote-map-client.js';
import { Values } from './workload/values.js';
import { WorksClient } from './workload/works-client.js';

const ordinary = { apart: false, popsWait: true };

/** The clients of one run, and all invariants, some of which are told what clients did and what they were promised. */
export function watchedClients({ apart, popsWait }: Pick<GridPlan, 'apart' | 'popsWait'> = ordinary): {
  readonly invariants: readonly GridInvariant[];
  readonly clients: readonly Client[];
} {
  const values = new Values();
  const effects = new LogEffects();
  const [reads, expiry, holds] = [new MonotonicReads(), new Expiry(effects), new Holds()];
  const [offers, deliveries] = [new Offers(effects), new Deliveries()];
  const [missed, commitHead] = [new MissedEvents(effects), new CommitHead()];
  const [commands, answers] = [new CommandsOfCalls(), new AnswersOfCalls()];
  return {
    invariants: [
      ...gridInvariants(answers),
      new AnsweredCalls(effects),
      new CertainEndings(effects),
      new OrderOfCalls(effects),
      commands,
      answers,
      new Watches(),
      new SlowWatches(),
      new RemoteChanges(),
      reads,
      expiry,
      holds,
      offers,
      deliveries,
      missed,
      commitHead,
    ],
    clients: [
      new MapClient(values, reads),
      new EndingMapClient(values, expiry),
      // Items are accounted for in one grid, and a database is changed by one.
      ...(apart
        ? []
        : [
            new LineClient(values, popsWait),
            new WorksClient(values, holds, offers),
            new RemoteMapClient(values),
            new PlainRemoteMapClient(values),
          ]),
      new EmitterClient(values, deliveries, missed),
      new RecordClient(values),
      new MemberClient(values, commitHead),
      new AnyClient(values, commands, answers),
    ],
  };
}
