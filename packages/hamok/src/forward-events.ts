import type { RaftNode } from '@hamok/raft';
import type { EventEmitter } from 'eventemitter3';
import type { HamokEventMap } from './events.js';

type Tell = <E extends keyof HamokEventMap>(event: E, ...details: EventEmitter.EventArgs<HamokEventMap, E>) => void;

/** The events of consensus that a member tells as they are. */
export function forwardEvents(node: RaftNode, tell: Tell): void {
  node.on('follower', () => tell('follower'));
  node.on('candidate', () => tell('candidate'));
  node.on('leader', () => tell('leader'));
  node.on('state-changed', (state, previous) => tell('state-changed', state, previous));
  node.on('remote-peer-joined', (peerId) => tell('remote-peer-joined', peerId));
  node.on('remote-peer-left', (peerId) => tell('remote-peer-left', peerId));
  node.on('hello-notification', (peerId, request) => tell('hello-notification', peerId, request));
  node.on('unsynced-peer', (peerId) => tell('unsynced-peer', peerId));
  node.on('no-heartbeat-from', (peerId) => tell('no-heartbeat-from', peerId));
  node.on('heartbeat', () => tell('heartbeat'));
  node.on('failed', (failure) => tell('failed', failure));
  node.on('grid-conflict', (gridIds) => tell('grid-conflict', gridIds));
}
