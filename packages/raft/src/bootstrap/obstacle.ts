import type { BootstrapPlan } from './plan.js';

export interface SearchFindings {
  /** The ids heard of, oneself included. */
  readonly found: readonly string[];
  /** Those of them who begin no grid. */
  readonly joiningOnly: readonly string[];
  /** Those of them who would begin a grid with others. */
  readonly disagreeing: readonly string[];
  readonly runningGridId: string | undefined;
}

/** What keeps a member that looks for a grid out of one, in words for people. */
export function obstacleOf(plan: BootstrapPlan, findings: SearchFindings): string {
  const { found, joiningOnly, disagreeing, runningGridId } = findings;
  if (runningGridId !== undefined) return 'a grid was found, which has not let it in';
  if (plan.type === 'none') return 'no grid was found';
  const missing = plan.type === 'list' ? plan.ids.filter((id) => !found.includes(id)) : [];
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not found`;
  const unwilling = plan.type === 'list' ? plan.ids.filter((id) => joiningOnly.includes(id)) : [];
  if (unwilling.length > 0) return `${unwilling.join(', ')} only ${unwilling.length === 1 ? 'joins' : 'join'} grids`;
  const founders = found.filter((id) => !joiningOnly.includes(id));
  if (plan.type === 'count' && founders.length < plan.count)
    return `${founders.length} of ${plan.count} members were found (${founders.sort().join(', ')})`;
  if (founders.length === 1) return 'nobody else was found';
  if (disagreeing.length === 1) return `${disagreeing[0]} expects other members`;
  if (disagreeing.length > 1) return `${disagreeing.join(', ')} expect other members`;
  return 'those who were found have not agreed yet';
}
