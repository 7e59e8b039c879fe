import { readFileSync } from 'node:fs';

/** Made for these tests only, valid for a century: two authorities and a certificate of each. */
const read = (name: string): string => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), 'utf8');

export const certificates = {
  ca: read('member-ca'),
  member: { cert: read('member'), key: read('member.key') },
  strangerCa: read('stranger-ca'),
  stranger: { cert: read('stranger'), key: read('stranger.key') },
};
