import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`packages/${path}`, import.meta.url));

// Tests run against the sources, so that they need no build.
// What the packed tarballs hold is the consumer tests' concern.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@hamok\/([^/]+)$/, replacement: source('$1/src/index.ts') },
      {
        find: /^@hamok\/collections\/(postgres|redis|sqlite)$/,
        replacement: source('collections/src/storage/$1/index.ts'),
      },
      { find: /^@hamok\/([^/]+)\/(.+)$/, replacement: source('$1/src/$2/index.ts') },
      { find: /^hamok$/, replacement: source('hamok/src/index.ts') },
    ],
  },
  test: {
    // Two cores may be shared with a build: a test that hangs is told by its own limits first.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['tests/properties.ts'],
    include: ['packages/*/test/**/*.test.ts', 'tests/*.test.ts'],
  },
});
