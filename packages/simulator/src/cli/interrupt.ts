import process from 'node:process';

/** As shells say it of who was ended by SIGINT. */
const exitCode = 130;

/** Ctrl-C ends the program, and what it came to until then is told all the same. */
export function onInterrupt(tell: () => void): void {
  process.once('SIGINT', () => {
    tell();
    process.exit(exitCode);
  });
}
