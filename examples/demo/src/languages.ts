import { iso6393, type Language } from 'iso-639-3';

/** The data set: the languages of the world by their ISO 639-3 code. */
export const languages: ReadonlyMap<string, Language> = new Map(
  iso6393.map((language) => [language.iso6393, language]),
);

/** Every `parts`-th key, from `part` on. */
export function share(keys: readonly string[], part: number, parts: number): string[] {
  return keys.filter((_, position) => position % parts === part);
}
