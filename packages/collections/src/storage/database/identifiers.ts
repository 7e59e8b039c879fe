import { OptionError } from '../../errors.js';

/** Shorter than the 63 bytes of PostgreSQL by what is put behind a table's name. */
const longestName = 48;

/**
 * A name as SQL takes it, whatever is in it.
 *
 * @throws OptionError for what no database takes for a name
 */
export function quotedIdentifier(field: string, name: string, suffix = ''): string {
  if (
    typeof name !== 'string' ||
    name === '' ||
    name.includes('\0') ||
    new TextEncoder().encode(name).length > longestName
  )
    throw new OptionError(field, `must have from 1 to ${longestName} bytes, none of them 0`);
  return `"${name.replaceAll('"', '""')}${suffix}"`;
}
