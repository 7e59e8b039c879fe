/** What takes the place of drawn values: plain data, of the form of the plan, as far as it goes. */
export type Overrides = Readonly<Record<string, unknown>>;

/** The plan with some of its values replaced; of nested values, those that are named. */
export function withOverrides<Plan extends object>(plan: Plan, overrides: Overrides = {}): Plan {
  const changed: Record<string, unknown> = Object.fromEntries(Object.entries(plan));
  for (const [name, value] of Object.entries(overrides)) {
    const drawn = changed[name];
    if (!(name in changed)) throw new RangeError(`the plan has no ${name}`);
    if (drawn !== undefined && kindOf(value) !== kindOf(drawn))
      throw new RangeError(`${name} of the plan is a ${kindOf(drawn)}, not a ${kindOf(value)}`);
    changed[name] = isRecord(drawn) && isRecord(value) ? withOverrides(drawn, value) : value;
  }
  return changed as Plan;
}

/** Overrides as a command line carries them: `null` stands for never, which JSON has no number for. Throws a SyntaxError. */
export function parseOverrides(text: string): Overrides {
  const parsed: unknown = JSON.parse(text, (_, value: unknown) => (value === null ? Number.POSITIVE_INFINITY : value));
  if (!isRecord(parsed)) throw new SyntaxError('a plan is an object');
  return parsed;
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
