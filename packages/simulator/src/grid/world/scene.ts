import { strips } from '../../report/strips.js';
import { abbreviated, describeProcess } from './describe.js';
import type { Process } from './process.js';
import type { World } from './world.js';

/** How everything stands, for readers: who is who, the logs of each grid side by side, and who led when. */
export function sceneOf({ living, reigns }: World): string[] {
  const grids = new Map<string, Process[]>();
  for (const process of living) {
    const { gridId } = process;
    if (gridId !== undefined) grids.set(gridId, [...(grids.get(gridId) ?? []), process]);
  }
  const logs = [...grids].flatMap(([gridId, processes]) => [
    `grid ${gridId}`,
    ...strips(processes.flatMap(shown), abbreviated),
  ]);
  const lines = [...living.map(describeProcess), ...logs, 'who led, as it believed', ...reigns.describe()];
  return lines.map(abbreviated);
}

function shown({ core, status }: Process) {
  return core ? [{ id: abbreviated(core.self), core, status, disk: { snapshot: { position: core.log.base } } }] : [];
}
