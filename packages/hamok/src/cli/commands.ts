import type { Command } from './command.js';
import { snapshotInspect } from './snapshot-inspect.js';

export const commands: readonly Command[] = [snapshotInspect];
