import { play } from '@hamok/example-stage';
import { story } from './story.mjs';

await play(story, { print: console.log });
