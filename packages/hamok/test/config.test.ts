import { afterEach, describe, expect, it } from 'vitest';
import { addHamokLogTransport, ConfigurationError, Hamok, type HamokConfig, setHamokLogLevel } from '../src/index.js';
import { sharedLogger } from '../src/logging.js';

function refusedField(config: unknown): string | undefined {
  try {
    new Hamok(config as Partial<HamokConfig>);
    return undefined;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.code).toBe('configuration');
    expect(error.message).toContain(error.field);
    return error.field;
  }
}

describe('the configuration', () => {
  it.each([
    ['electionTimeoutInMs', -1],
    ['electionTimeoutInMs', Number.NaN],
    ['followerMaxIdleInMs', -1000],
    ['heartbeatInMs', 0],
    ['heartbeatInMs', 501],
    ['heartbeatInMs', '100'],
    ['requestTimeoutInMs', 0],
    ['requestTimeoutInMs', Number.POSITIVE_INFINITY],
    ['logEntriesExpirationTimeInMs', -1],
    ['removeDeadAfterInMs', -1],
    ['expectedPeers', 0],
    ['expectedPeers', 1.5],
    ['maxInFlight', 0],
    ['maxCommandBytes', 2047],
    ['peerId', ''],
    ['peerId', 7],
    ['peerId', 'x'.repeat(257)],
    ['gridName', ''],
    ['onlyFollower', 'yes'],
    ['bootstrap', 1],
    ['onGridConflict', 'merge'],
    ['peers', 'a,b'],
    ['peers', ['a', '']],
    ['transport', {}],
    ['raftLogs', {}],
    ['logger', { debug() {} }],
    ['clock', 5],
    ['random', 5],
    ['snapshots', 7],
    ['snapshots.entries', { entries: -1 }],
    ['snapshots.store', { store: {} }],
  ])('names %s when it is %j', (field, value) => {
    expect(refusedField({ [field.split('.')[0] ?? field]: value })).toBe(field);
  });

  it.each([null, 5])('refuses %j as a whole', (config) => {
    expect(refusedField(config)).toBe('config');
  });

  it('has the documented defaults, also for what is undefined', () => {
    const member = new Hamok({ heartbeatInMs: undefined as unknown as number });
    expect(member.config).toMatchObject({
      electionTimeoutInMs: 3000,
      followerMaxIdleInMs: 1000,
      heartbeatInMs: 100,
      onlyFollower: false,
      bootstrap: true,
      gridName: 'hamok',
      maxInFlight: 4096,
      maxCommandBytes: 4 * 1024 * 1024,
      requestTimeoutInMs: 5000,
      appData: {},
    });
    expect(member.localPeerId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Hamok().localPeerId).not.toBe(member.localPeerId);
  });

  it('takes the fields of 2.6 that mean nothing any more', () => {
    const member = new Hamok({
      ongoingRequestsSendingPeriodInMs: 1000,
      remoteStorageStateWaitingTimeoutInMs: 1000,
      initialLogEntries: new Map(),
      autoStopOnNoRemotePeers: true,
    });
    expect(member.config.remoteStorageStateWaitingTimeoutInMs).toBe(1000);
  });

  it('keeps the data of the application by reference', () => {
    const appData = { region: 'eu' };
    const member = new Hamok({ appData });
    expect(member.appData).toBe(appData);
    expect(member.config.appData).toBe(appData);
  });
});

describe('the loggers of the process', () => {
  const written: string[] = [];
  const logger = {
    debug: (message: string) => written.push(`debug ${message}`),
    info: (message: string) => written.push(`info ${message}`),
    warn: (message: string) => written.push(`warn ${message}`),
    error: (message: string) => written.push(`error ${message}`),
  };

  afterEach(() => setHamokLogLevel('warn'));

  it('are told from the level on that was set, until they are removed', () => {
    const remove = addHamokLogTransport(logger);
    sharedLogger.info('1');
    sharedLogger.warn('2');
    setHamokLogLevel('debug');
    sharedLogger.debug('3');
    setHamokLogLevel('silent');
    sharedLogger.error('4');
    setHamokLogLevel('debug');
    remove();
    sharedLogger.error('5');
    expect(written).toEqual(['warn 2', 'debug 3']);
  });
});
