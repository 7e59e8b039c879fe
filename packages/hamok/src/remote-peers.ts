import type { FoundPeer } from '@hamok/raft';

/** Who answered a hello. */
export interface HamokFetchRemotePeersResponse {
  /** Their ids. */
  readonly remotePeers: string[];
  /** What their programs answered to the request that came with it; absent where none did. */
  readonly customResponses?: string[];
  /** What each of them knows. */
  readonly peers: readonly FoundPeer[];
}

export function toResponse(peers: readonly FoundPeer[]): HamokFetchRemotePeersResponse {
  const remotePeers = peers.map(({ peerId }) => peerId);
  const customResponses = peers.flatMap(({ customResponse }) => customResponse ?? []);
  return { remotePeers, peers, ...(customResponses.length === 0 ? {} : { customResponses }) };
}
