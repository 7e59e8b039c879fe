import { describe, it } from 'vitest';
import { mapConformance } from '../src/testing/index.js';
import { gridInMemory, singleMember } from './grids-under-test.js';

describe('over the single-member engine', () => {
  mapConformance({ describe, it }, [1], singleMember);
});

describe('over a grid in memory', () => {
  mapConformance({ describe, it }, [1, 3], gridInMemory);
});
