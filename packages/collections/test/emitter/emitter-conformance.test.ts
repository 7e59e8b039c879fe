import { describe, it } from 'vitest';
import { emitterConformance } from '../../src/testing/index.js';
import { gridInMemory, singleMember } from '../grids-under-test.js';

describe('over the single-member engine', () => {
  emitterConformance({ describe, it }, [1], singleMember);
});

describe('over a grid in memory', () => {
  emitterConformance({ describe, it }, [1, 3], gridInMemory);
});
