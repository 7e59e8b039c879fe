import type { Command } from './command.js';
import { logInspect } from './log-inspect.js';
import { snapshotInspect } from './snapshot-inspect.js';

export const commands: readonly Command[] = [snapshotInspect, logInspect];
