/** A rule of Raft was found broken: a defect, or state that was tampered with. The member stops rather than go on. */
export class InvariantViolation extends Error {
  readonly code = 'invariant-violation';

  constructor(message: string) {
    super(message);
    this.name = 'InvariantViolation';
  }
}

/** Stays on in production: cheap checks at state transitions. What is wrong is put into words only where something is. */
export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new InvariantViolation(message());
}
