import { strips } from '../../report/strips.js';
import { describeCall } from '../workload/calls.js';
import { abbreviated, describeProcess } from './describe.js';
import type { Process } from './process.js';
import type { World } from './world.js';

const callsShown = 12;

/** How everything stands, for readers: who is who, the logs of each grid side by side, who led when, and what programs wait for. */
export function sceneOf({ living, reigns, calls }: World): string[] {
  const grids = new Map<string, Process[]>();
  for (const process of living) {
    const { gridId } = process;
    if (gridId !== undefined) grids.set(gridId, [...(grids.get(gridId) ?? []), process]);
  }
  const logs = [...grids].flatMap(([gridId, processes]) => [
    `grid ${gridId}`,
    ...strips(processes.flatMap(shown), abbreviated),
  ]);
  const open = [...calls].filter(({ process }) => !process.isDead);
  const lines = [
    ...living.map(describeProcess),
    ...logs,
    'who led, as it believed',
    ...reigns.describe(),
    ...(open.length > 0 ? [`calls that have not ended, the first of ${open.length}`] : []),
    ...open.slice(0, callsShown).map((call) => `  ${describeCall(call)}`),
  ];
  return lines.map(abbreviated);
}

function shown({ core, status }: Process) {
  return core ? [{ id: abbreviated(core.self), core, status, disk: { snapshot: { position: core.log.base } } }] : [];
}
