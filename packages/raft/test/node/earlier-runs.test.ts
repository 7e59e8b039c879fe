import { expect, it } from 'vitest';
import { type ProposalOutcome, Proposals } from '../../src/node/proposals.js';
import { ReadBarriers } from '../../src/node/read-barriers.js';

const numbersFrom = 1_700_000_000_000;

it('an answer to a read of an earlier run is none to a read of this one', () => {
  const barriers = new ReadBarriers(numbersFrom);
  const resolved: number[] = [];
  barriers.add({ resolve: (index) => resolved.push(index), reject: () => {} });
  const context = barriers.ask(0);
  barriers.answered(1, 5);
  barriers.applied(9);
  expect(resolved).toEqual([]);
  barriers.answered(context, 9);
  barriers.applied(9);
  expect(resolved).toEqual([9]);
});

it('an answer to a request of an earlier run says nothing of what this one proposed', () => {
  const proposals = new Proposals(numbersFrom);
  const outcomes: (ProposalOutcome | Error)[] = [];
  proposals.add(
    new Uint8Array(1),
    (outcome) => outcomes.push(outcome),
    (error) => outcomes.push(error),
  );
  const requestId = proposals.forwarded('b@1', 1, proposals.takeUnsent(), 0);
  proposals.answered({ requestId: 1, term: 1, firstIndex: 3, accepted: 1, refusal: undefined }, 2);
  proposals.applied(3, 1, 'of the earlier run');
  expect(outcomes).toEqual([]);
  proposals.answered({ requestId, term: 1, firstIndex: 4, accepted: 1, refusal: undefined }, 3);
  proposals.applied(4, 1, 'of this run');
  expect(outcomes).toEqual([{ index: 4, term: 1, result: 'of this run' }]);
});
