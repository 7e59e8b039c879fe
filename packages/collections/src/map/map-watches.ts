import { isObject, requireWait } from '../arguments.js';
import { OptionError, WatchGapError } from '../errors.js';
import type { MapChange } from '../replicated/map-slot.js';
import type { ReplicatedState } from '../replicated/replicated-state.js';
import { decodeChange } from './map-changes.js';
import { MapHistory } from './map-history.js';
import type { HamokMapChange, HamokMapOptions, WatchOptions } from './map-options.js';
import type { MapView } from './map-view.js';
import { MapWatch } from './map-watch.js';

const defaultRetention = { changes: 16_384, bytes: 4 * 1024 * 1024 };

/** Those who watch one map, and the changes that are kept for them. */
export class MapWatches<K, V> {
  readonly #retention: { readonly changes: number; readonly bytes: number };
  readonly #decode: (change: MapChange) => HamokMapChange<K, V>;
  #history: MapHistory | undefined;

  /** @throws OptionError */
  constructor(
    private readonly state: ReplicatedState,
    view: MapView<K, V>,
    { watchRetention }: Pick<HamokMapOptions<K, V>, 'watchRetention'>,
  ) {
    this.#retention = { ...defaultRetention, ...watchRetention };
    const { changes, bytes } = this.#retention;
    if (!(changes >= 0 && bytes >= 0)) throw new OptionError('watchRetention', 'must be numbers from 0');
    this.#decode = (change) => decodeChange(change, view);
    if (watchRetention !== undefined) this.#history = new MapHistory(this.#retention, state.appliedIndex);
  }

  add(change: MapChange): void {
    this.#history?.add(change);
  }

  /** Changes up to that index were not told. */
  missed(upTo: number): void {
    this.#history?.restart(upTo);
  }

  watch(options: WatchOptions = {}): AsyncIterableIterator<HamokMapChange<K, V>, undefined> {
    if (!isObject(options)) throw new OptionError('options', 'must be an object');
    const { fromRevision, signal } = options;
    requireWait({ signal });
    if (fromRevision !== undefined && !(typeof fromRevision === 'number' && fromRevision >= 0))
      throw new OptionError('fromRevision', 'must be a number from 0');
    this.#history ??= new MapHistory(this.#retention, this.state.appliedIndex);
    const history = this.#history;
    const position = fromRevision === undefined ? history.end : history.positionOf(fromRevision);
    const watch = new MapWatch(history, position, this.#decode);
    if (fromRevision !== undefined && fromRevision < history.firstRevision)
      watch.fail(new WatchGapError('not-retained', history.firstRevision));
    if (signal !== undefined) watch.endWith(signal);
    return watch;
  }

  close(): void {
    this.#history?.close();
    this.#history = undefined;
  }
}
