import type { ProductMutant } from './product-mutant.js';

/** The bugs of emitters. */
export const emitterMutants: readonly ProductMutant[] = [
  {
    name: 'an event delivered again when the publisher asks',
    edits: [
      {
        file: 'collections/src/emitter/event-delivery.ts',
        find: '    this.#outcomes.add(index, delivered);\n',
        replace: `    this.#outcomes.add(index, delivered);
    (this as never).last = () => this.call(event, () => this.decode(event, payload));\n`,
      },
      {
        file: 'collections/src/emitter/event-delivery.ts',
        find: '  #answer(from: MemberId, token: string, index: number): void {\n',
        replace: `  #answer(from: MemberId, token: string, index: number): void {
    (this as never).last?.();\n`,
      },
    ],
  },
  {
    name: 'subscriptions that outlive their member',
    edits: [
      {
        file: 'collections/src/emitter/emitter-state.ts',
        find: '    for (const member of left) this.#unsubscribeFromAll(member);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'an event delivered by who is not subscribed yet',
    edits: [
      {
        file: 'collections/src/emitter/event-delivery.ts',
        find: 'if (!subscribers.includes(self)) return;',
        replace: '',
      },
    ],
  },
  {
    name: 'missed events told twice',
    edits: [
      {
        file: 'collections/src/emitter/subscription-renewal.ts',
        find: 'after.published(event) - from',
        replace: 'after.published(event)',
      },
    ],
  },
  {
    name: 'missed events not told',
    edits: [
      {
        file: 'collections/src/emitter/subscription-renewal.ts',
        find: '      if (count > 0) this.options.missed(event, subscription.since <= from ? count : undefined);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'a delivery that nobody made',
    edits: [
      {
        file: 'collections/src/emitter/deliveries.ts',
        find: 'return answer?.index === index && answer?.delivered === true;',
        replace: 'return true;',
      },
    ],
  },
  {
    name: 'a listener that takes the others along when it goes',
    edits: [
      {
        file: 'collections/src/emitter/hamok-emitter.ts',
        find: '    if (this.#listeners.get(event) !== undefined) return;\n    if (found',
        replace: '    if (found',
      },
    ],
  },
];
