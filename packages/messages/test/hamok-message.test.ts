import { describe, expect, test } from 'vitest';
import { BadMessageError, HamokMessage, HamokMessage_MessageType, MessageType, messageTypeOf } from '../src/index.js';
import { hexOf } from './fields.js';

const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const decode = (hex: string): HamokMessage => HamokMessage.fromBinary(fromHex(hex));

describe('presence', () => {
  test('a field that was not set is undefined and takes no byte; one that repeats is empty', () => {
    const message = new HamokMessage();
    expect(message.type).toBeUndefined();
    expect(message.raftTerm).toBeUndefined();
    expect(message.keys).toEqual([]);
    expect(message.embeddedMessages).toEqual([]);
    expect(message.toBinary()).toHaveLength(0);
  });

  test('0, false and empty values are written', () => {
    const message = new HamokMessage({ sourceId: '', success: false, raftTerm: 0, prevValue: new Uint8Array(0) });
    expect(hexOf(message.toBinary())).toBe('1a007000b80100e20100');
    const decoded = decode('1a007000b80100e20100');
    expect(decoded).toMatchObject({ sourceId: '', success: false, raftTerm: 0, prevValue: new Uint8Array(0) });
  });

  test('the last one counts of a field that comes twice', () => {
    expect(decode('10041005').type).toBe(5);
    expect(messageTypeOf(fromHex('10041005'))).toBe(5);
  });

  test('two messages made apart share no array', () => {
    const message = new HamokMessage();
    message.keys.push(new Uint8Array(1));
    message.embeddedMessages.push(new HamokMessage());
    expect(new HamokMessage().keys).toEqual([]);
    expect(new HamokMessage().embeddedMessages).toEqual([]);
  });
});

describe('integers', () => {
  test('-1 takes ten bytes', () => {
    expect(hexOf(new HamokMessage({ raftPrevLogIndex: -1 }).toBinary())).toBe('b001ffffffffffffffffff01');
  });

  test.each([
    ['raftCommitIndex', -(2 ** 31)],
    ['raftTerm', Number.MAX_SAFE_INTEGER],
    ['raftRound', -1],
    ['sourceIncarnation', Number.MAX_SAFE_INTEGER],
    ['sequence', -(2 ** 31)],
    ['sequence', 2 ** 31 - 1],
  ] as const)('%s holds %d', (field, value) => {
    const message = new HamokMessage({ [field]: value });
    expect(HamokMessage.fromBinary(message.toBinary())[field]).toBe(value);
  });

  test.each([
    { raftCommitIndex: -(2 ** 31) - 1 },
    { raftTerm: 2 ** 53 },
    { raftTerm: 1.5 },
    { raftTerm: Number.NaN },
    { raftRound: -2 },
    { entryTerms: [1, -2] },
    { entryTimes: [2 ** 53] },
    { sequence: 2 ** 31 },
    { storageSize: 0.5 },
    { timestamp: -1n },
    { timestamp: 2n ** 64n },
    { type: 2 ** 32 },
  ])('%o is refused, not wrapped', (init) => {
    const message = new HamokMessage(init);
    expect(() => message.toBinary()).toThrow(BadMessageError);
    expect(() => message.toBinary()).toThrow(expect.objectContaining({ code: 'bad-message' }));
    // What was begun before the refusal leaves nothing behind.
    expect(hexOf(new HamokMessage({ type: 4 }).toBinary())).toBe('1004');
  });

  test.each([
    ['raftTerm 2^53', 'b8018080808080808010'],
    ['raftTerm -2^31 - 1', 'b801fffffffff7ffffffff01'],
    ['raftTerm -2^63', 'b80180808080808080808001'],
    ['raftRound -2', 'a002feffffffffffffffff01'],
    ['entryTerms -2, packed', 'f2010afeffffffffffffffff01'],
    ['entryTerms -2, one by one', 'f001feffffffffffffffff01'],
  ])('%s on the wire is refused', (_name, hex) => {
    expect(() => decode(hex)).toThrow('out of range');
  });

  test('int32 and enums take the low 32 bits, as everywhere', () => {
    expect(decode('d001ffffffffffffffffff01').sequence).toBe(-1);
    expect(decode('d00180808080f0ffffffff01').sequence).toBe(0);
  });

  test('an enum number without a name stays where it was', () => {
    const message = decode('0801108f4e1a0161');
    expect(message.type).toBe(9999);
    expect(hexOf(message.toBinary())).toBe('0801108f4e1a0161');
  });

  test('repeated integers are read packed, one by one, and mixed', () => {
    expect(decode('f2010201 02f00103f2010104'.replace(' ', '')).entryTerms).toEqual([1, 2, 3, 4]);
  });
});

describe('bytes and text', () => {
  test('bytes are views of the input', () => {
    const input = fromHex('5203616263');
    const [key] = HamokMessage.fromBinary(input).keys;
    input[2] = 0x7a;
    expect(key).toEqual(fromHex('7a6263'));
  });

  test('bytes of a Buffer, and of a part of a larger buffer, are plain byte arrays', () => {
    const message = HamokMessage.fromBinary(Buffer.from('ff5203616263ff', 'hex').subarray(1, 6));
    expect(Object.getPrototypeOf(message.keys[0])).toBe(Uint8Array.prototype);
    expect(message.keys).toEqual([fromHex('616263')]);
  });

  test('what is encoded is the caller\u2019s, in a buffer of its own size', () => {
    const first = new HamokMessage({ sourceId: 'a' }).toBinary();
    const second = new HamokMessage({ sourceId: 'b' }).toBinary();
    expect(hexOf(first)).toBe('1a0161');
    expect(hexOf(second)).toBe('1a0162');
    expect(first.buffer.byteLength).toBe(3);
  });

  test('a message larger than the kept buffer', () => {
    const value = new Uint8Array(3 << 20).fill(7);
    const message = new HamokMessage({ values: [value], sourceId: 'x'.repeat(70_000) });
    const decoded = HamokMessage.fromBinary(message.toBinary());
    expect(decoded.values[0]?.length).toBe(value.length);
    expect(decoded.sourceId?.length).toBe(70_000);
    expect(hexOf(new HamokMessage({ type: 4 }).toBinary())).toBe('1004');
  });

  test.each([127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21])(
    '%d bytes of each kind take a length of the right size',
    (length) => {
      const message = new HamokMessage({
        sourceId: 'x'.repeat(length),
        storageId: `${'x'.repeat(length - 2)}\u00e9`,
        entryTerms: new Array(length).fill(1),
        snapshot: new Uint8Array(length),
      });
      const sizeOfLength = length < 128 ? 1 : length < 16_384 ? 2 : length < 2 ** 21 ? 3 : 4;
      const bytes = message.toBinary();
      expect(bytes).toHaveLength(4 * (length + sizeOfLength) + 1 + 1 + 2 + 2);
      const decoded = HamokMessage.fromBinary(bytes);
      expect(decoded.sourceId === message.sourceId && decoded.storageId === message.storageId).toBe(true);
      expect([decoded.entryTerms.length, decoded.snapshot?.length]).toEqual([length, length]);
    },
  );

  test('what is not UTF-8 becomes U+FFFD, and a byte-order mark stays', () => {
    expect(decode('1a0161').sourceId).toBe('a');
    expect(decode('1a01e9').sourceId).toBe('\ufffd');
    expect(decode('1a02c3a9').sourceId).toBe('\u00e9');
    expect(decode('1a04efbbbf61').sourceId).toBe('\ufeffa');
  });

  test('a text seen before is not mistaken for one that begins and ends like it', () => {
    expect(decode('1a0a61616161785f62626262').sourceId).toBe('aaaax_bbbb');
    expect(decode('1a0a61616161795f62626262').sourceId).toBe('aaaay_bbbb');
    expect(decode('1a0a61616161e95f62626262').sourceId).toBe('aaaa\ufffd_bbbb');
    expect(decode('1a0a61616161785f62626262').sourceId).toBe('aaaax_bbbb');
  });
});

describe('embedded messages', () => {
  const entry = new HamokMessage({ type: MessageType.UPDATE_ENTRIES_REQUEST, storageId: 'map' });

  test('entries pass through as they are, though another encoder wrote them', () => {
    // Fields out of order, and a varint longer than it need be.
    const odd = '2a036d617010b880808000';
    const message = decode(`6a0b${odd}`);
    expect(message.entries.map(hexOf)).toEqual([odd]);
    expect(hexOf(message.toBinary())).toBe(`6a0b${odd}`);
    expect(message.embeddedMessages[0]?.type).toBe(56);
  });

  test('entries can be given as bytes or as messages', () => {
    const bytes = new HamokMessage({ entries: [entry.toBinary()] }).toBinary();
    expect(new HamokMessage({ embeddedMessages: [entry] }).toBinary()).toEqual(bytes);
    expect(HamokMessage.fromBinary(bytes).embeddedMessages[0]?.equals(entry)).toBe(true);
  });

  test('a change of an embedded message is encoded', () => {
    const message = HamokMessage.fromBinary(new HamokMessage({ embeddedMessages: [entry] }).toBinary());
    const [embedded] = message.embeddedMessages;
    if (embedded !== undefined) embedded.storageId = 'other';
    message.embeddedMessages.push(new HamokMessage({ type: 4 }));
    const again = HamokMessage.fromBinary(message.toBinary());
    expect(again.embeddedMessages.map((one) => one.storageId ?? one.type)).toEqual(['other', 4]);
    expect(message.entries.map(hexOf)).toEqual(again.entries.map(hexOf));
  });

  test('entries that are set take the place of messages that were decoded', () => {
    const message = new HamokMessage({ embeddedMessages: [entry] });
    message.entries = [fromHex('1004')];
    expect(message.embeddedMessages.map((one) => one.type)).toEqual([4]);
  });

  test('an embedded message that is none fails when it is read', () => {
    const message = decode('6a0110');
    expect(hexOf(message.toBinary())).toBe('6a0110');
    expect(() => message.embeddedMessages).toThrow(BadMessageError);
    // It can still be passed on.
    expect(hexOf(message.toBinary())).toBe('6a0110');
  });

  test('a message nested ten thousand deep costs one level', () => {
    let bytes = new Uint8Array(0);
    for (let depth = 0; depth < 10_000; depth++)
      bytes = Uint8Array.from(new HamokMessage({ entries: [bytes] }).toBinary());
    expect(HamokMessage.fromBinary(bytes).entries).toHaveLength(1);
  });
});

describe('malformed input is a BadMessageError', () => {
  test.each([
    ['a varint that breaks off', '10ff'],
    ['text one byte short', '1a0261'],
    ['bytes one byte short', '520261'],
    ['packed integers one byte short', 'f2010201'],
    ['an unknown length one byte short', 'a2030261'],
    ['unknown 32 bits one byte short', 'a503010203'],
    ['unknown 64 bits one byte short', 'a10301020304050607'],
    ['a length of 4 GiB', '1affffffff0f'],
    ['a varint of eleven bytes', '10ffffffffffffffffffff01'],
    ['field number 0', '0001'],
    ['wire type 6', '0e'],
    ['wire type 7', '0f'],
    ['a tag over 32 bits', '888080801001'],
    ['an end of a group that was not begun', 'a403'],
    ['a group that does not end', 'a303'],
    ['a group that another one ends', 'a303ac03'],
    ['text where a number belongs', '120161'],
    ['a number where text belongs', '1801'],
    ['32 bits where text belongs', '1d01000000'],
    ['packed integers that end within one', 'f20101ff01'],
    ['groups too deep', 'a303'.repeat(200) + 'a403'.repeat(200)],
  ])('%s', (_name, hex) => {
    expect(() => decode(hex)).toThrow(BadMessageError);
  });

  test('the type of malformed bytes is undefined', () => {
    expect(messageTypeOf(fromHex('10041a0561'))).toBeUndefined();
    expect(messageTypeOf(fromHex('1a0161'))).toBeUndefined();
    expect(messageTypeOf(fromHex(''))).toBeUndefined();
  });
});

describe('unknown fields', () => {
  test('a group is kept whole', () => {
    const group = 'a3030801ab03ac03a403';
    const message = decode(`${group}1004`);
    expect(message.unknownFields?.map(hexOf)).toEqual([group]);
    expect(hexOf(message.toBinary())).toBe(`1004${group}`);
    expect(hexOf(message.clone().toBinary())).toBe(`1004${group}`);
  });
});

describe('JSON', () => {
  test('names enums, and writes bytes in base64 and wide integers as text', () => {
    const message = new HamokMessage({ type: MessageType.JOIN_NOTIFICATION, raftTerm: 7, keys: [fromHex('6162')] });
    expect(message.toJson()).toEqual({ type: 'JOIN_NOTIFICATION', raftTerm: '7', keys: ['YWI='] });
    expect(JSON.stringify(message)).toBe(message.toJsonString());
    expect(HamokMessage.fromJson({ type: 'JOIN_NOTIFICATION', raftTerm: 7, keys: ['YWI='] }).equals(message)).toBe(
      true,
    );
  });

  test('a message that holds what is none has no JSON form', () => {
    expect(() => decode('6a0110').toJson()).toThrow(BadMessageError);
  });

  test.each(['', '{', '[]', '{"type":"NONE"}', '{"raftTerm":"9007199254740992"}', '{"unheardOf":1}'])(
    '%j is refused',
    (text) => {
      expect(() => HamokMessage.fromJsonString(text)).toThrow(BadMessageError);
    },
  );
});

describe('copies', () => {
  test('a clone shares no bytes', () => {
    const message = new HamokMessage({
      keys: [fromHex('6162')],
      voters: ['a@1'],
      embeddedMessages: [new HamokMessage()],
    });
    const copy = message.clone();
    expect(copy.equals(message)).toBe(true);
    message.keys[0]?.fill(0);
    message.voters.push('b@2');
    expect(copy.keys).toEqual([fromHex('6162')]);
    expect(copy.voters).toEqual(['a@1']);
    expect(copy.equals(message)).toBe(false);
  });

  test('equals tells absent from zero', () => {
    expect(new HamokMessage({ raftTerm: 0 }).equals(new HamokMessage())).toBe(false);
  });
});

test('the enums go by the names that 2.6 gave them as well', () => {
  expect(HamokMessage_MessageType).toBe(MessageType);
  expect(MessageType.RAFT_APPEND_ENTRIES_REQUEST_CHUNK).toBe(16);
});
