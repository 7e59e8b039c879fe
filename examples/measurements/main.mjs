import { play } from '@hamok/example-stage';
import { startDatabase } from './database.mjs';
import { story } from './story.mjs';

const database = process.argv.includes('--postgresql') ? startDatabase() : undefined;
try {
  await play((stage) => story(stage, database?.env), { print: console.log });
} finally {
  database?.stop();
}
