/** What the suites need of a test runner: `vitest`, `node:test` and `jest` all have it. */
export interface Runner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>): unknown;
}
