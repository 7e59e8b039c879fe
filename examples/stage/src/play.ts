import { Stage } from './stage.js';

export interface PlayOptions {
  /** Where the scenes and what the processes print goes to. Default: nowhere. */
  readonly print?: (line: string) => void;
  /** It fails when it takes longer. Default: 180000, for machines that have other work to do. */
  readonly longestInMs?: number;
}

/** Plays a story. Resolves with what it found out; rejects when it fails, or takes too long. No process stays behind. */
export async function play<T>(story: (stage: Stage) => Promise<T>, options: PlayOptions = {}): Promise<T> {
  const { print = () => undefined, longestInMs = 180_000 } = options;
  const stage = new Stage(print);
  const deadline = setTimeout(() => {
    const { recent } = stage;
    stage.fail(new Error(`the story did not end within ${longestInMs} ms, and was last heard to say:\n${recent}`));
  }, longestInMs);
  try {
    return await story(stage);
  } finally {
    clearTimeout(deadline);
    await stage.clear();
  }
}
