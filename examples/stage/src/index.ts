export { type PlayOptions, play } from './play.js';
export { ServiceProcess } from './service-process.js';
export { Stage, type StartOptions } from './stage.js';
