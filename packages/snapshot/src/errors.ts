/** Every error of this package: `code` is stable. */
export class SnapshotError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The bytes are not a whole container: cut off, changed, or put in another order. `position` is where that showed. */
export class DamagedSnapshotError extends SnapshotError {
  constructor(
    readonly position: number,
    what: string,
  ) {
    super('snapshot-damaged', `damaged at byte ${position}: ${what}`);
  }
}

/** It was written by a later release. */
export class NewerSnapshotError extends SnapshotError {
  constructor(readonly version: number) {
    super('snapshot-newer', `format version ${version} is newer than this release reads`);
  }
}

/** It is of another grid than the one that was asked for. */
export class ForeignSnapshotError extends SnapshotError {
  constructor(
    readonly gridId: string,
    expected: string,
  ) {
    super('snapshot-foreign', `of grid ${gridId}, where ${expected} was expected`);
  }
}
