import { HamokMessage, MessageType } from '@hamok/messages';

/**
 * A frame between members that share a storage, in words: where in the stream it is, the epoch of its sender, and what it tells and asks of
 * which entries. What a key's home, a backup and a witness are, STORAGES.md says. Undefined for one that only acknowledges.
 */
export function describeStorageFrame(frame: Uint8Array): string | undefined {
  const message = HamokMessage.fromBinary(frame);
  if (message.type === MessageType.ONGOING_REQUESTS_NOTIFICATION) {
    const waitsFor = message.activeEndpointIds.length > 0 ? `, and waits for ${message.activeEndpointIds}` : '';
    return `still works on ${message.keys.map((id) => `?${valueText(id)}`).join(' ')}${waitsFor}`;
  }
  const { sessionSequence, storageEpoch, entries } = message;
  if (sessionSequence === undefined) return undefined;
  return `frame ${sessionSequence} of epoch ${storageEpoch}: ${entries.map(describeMessage).join('; ')}`;
}

function describeMessage(bytes: Uint8Array): string {
  const message = HamokMessage.fromBinary(bytes);
  const { type = -1, raftCandidateId: holder, success, requestId, revision } = message;
  const entries = entriesOf(message);
  switch (type) {
    case MessageType.UPDATE_ENTRIES_NOTIFICATION:
      return `keep ${entries} as backup`;
    case MessageType.INSERT_ENTRIES_NOTIFICATION:
      return `keep ${entries} as witness`;
    case MessageType.DELETE_ENTRIES_NOTIFICATION:
      return `keep ${entries} no more`;
    case MessageType.REMOVE_ENTRIES_NOTIFICATION: {
      const what = message.values.length > 0 ? 'backups' : 'only names';
      return `I have ${what} of ${entries} that ${holder} held, as of epoch ${revision}`;
    }
    case MessageType.ENTRIES_INSERTED_NOTIFICATION:
      return success
        ? `!${requestId} older copies are dropped`
        : `?${requestId} ${entries} is restored, drop older copies`;
    case MessageType.ENTRIES_REMOVED_NOTIFICATION:
      return success ? `I hold ${entries} no more, ${holder} does` : `${holder} holds ${entries}, and you do not`;
    case MessageType.STORAGE_STATE_NOTIFICATION:
      return `${stateOf(message)} in epoch ${message.storageEpoch}`;
    case MessageType.GET_ENTRIES_RESPONSE:
      return `!${requestId} ${describeAnswer(message)}`;
    default:
      return `?${requestId} ${wordsOf(type)} ${entries}`.trimEnd();
  }
}

function stateOf({ lastMessage, success }: HamokMessage): string {
  if (!lastMessage) return 'you are told all';
  return success ? 'all of mine is in its place, and restored,' : 'my copies are in their places';
}

/** What is answered to a question about keys, a word a key in their order; or to one about the whole storage. */
function describeAnswer(message: HamokMessage): string {
  const { outcomes, values, activeEndpointIds, success, storageSize } = message;
  if (success === false) return 'not in this epoch';
  if (storageSize !== undefined) return `${storageSize} entries`;
  if (outcomes.length === 0) return entriesOf(message) || 'that is all';
  let nextValue = 0;
  return outcomes
    .map((outcome) => {
      if (outcome === outcomeOfDone) return `done, before: ${valueText(values[nextValue++])}`;
      return outcomeWords[outcome] ?? `held by ${activeEndpointIds[outcome - outcomeWords.length]}`;
    })
    .join(', ');
}

/** By the numbers of the outcomes; whatever is above says who holds the key. */
const outcomeWords = ['nobody holds it', 'done', 'granted to you', 'ask again', 'later'];
const outcomeOfDone = 1;

function wordsOf(type: number): string {
  const name = MessageType[type] ?? `type ${type}`;
  return name
    .replace(/_REQUEST$/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
}

function entriesOf({ keys, values }: HamokMessage): string {
  return keys
    .map((key, at) => `${keyText(key)}${values[at] === undefined ? '' : `=${valueText(values[at])}`}`)
    .join(' ');
}

/** A key; of a federated storage, where the length of its writer's id is ahead of that, with the writer. */
export function keyText(key: Uint8Array): string {
  const [high = 0, low = 0] = key;
  if (high !== 0) return valueText(key);
  const end = 2 + low;
  return `${valueText(key.subarray(end))} of ${valueText(key.subarray(2, end))}`;
}

/** Keys are JSON strings and values are JSON lists here: both without what makes them that. */
export function valueText(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes).replaceAll('"', '');
}
