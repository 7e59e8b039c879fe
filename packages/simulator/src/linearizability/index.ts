export { checkLinearizable, type Verdict } from './check.js';
export { type MapInput, type MapOutput, mapModel } from './map-model.js';
export type { Effect, Model } from './model.js';
export { History, type Moment, type OpenOperation, type Operation } from './operation.js';
export { type QueueInput, type QueueOutput, queueModel } from './queue-model.js';
export { type Fields, type RecordInput, type RecordOutput, recordModel, textOf } from './record-model.js';
