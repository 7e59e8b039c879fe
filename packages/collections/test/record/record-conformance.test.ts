import { describe, it } from 'vitest';
import { recordConformance } from '../../src/testing/index.js';
import { gridInMemory, singleMember } from '../grids-under-test.js';

describe('over the single-member engine', () => {
  recordConformance({ describe, it }, [1], singleMember);
});

describe('over a grid in memory', () => {
  recordConformance({ describe, it }, [1, 3], gridInMemory);
});
