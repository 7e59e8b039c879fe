export type { ConformanceRunner, TransportHarness } from './conformance.js';
export { transportConformance } from './conformance.js';
