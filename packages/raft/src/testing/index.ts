export type { ConformanceRunner, LogStoreHarness } from './log-store-conformance.js';
export { logStoreConformance } from './log-store-conformance.js';
