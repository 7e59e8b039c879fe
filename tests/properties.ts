import { vi } from 'vitest';

/**
 * Before every file of tests: properties are tried on the same values each time, so that a run that passed passes again. Other values are tried
 * with `FAST_CHECK_SEED=random`, or with the seed of a failure, a 32-bit integer. It is set where fast-check is first imported: most files never do.
 */
vi.mock('fast-check', async (importOriginal) => {
  const fastCheck = await importOriginal<typeof import('fast-check')>();
  // biome-ignore lint/suspicious/noUndeclaredEnvVars: no task of turbo runs the tests
  const seed = process.env['FAST_CHECK_SEED'] ?? '1';
  if (seed !== 'random' && !/^-?\d{1,10}$/.test(seed))
    throw new Error(`FAST_CHECK_SEED is ${seed}: a number or "random"`);
  if (seed !== 'random') fastCheck.configureGlobal({ seed: Number(seed) });
  return fastCheck;
});
