export declare class StorageProcess {
  readonly id: string;
  readonly acknowledged: string[];
  readonly errors: string[];
  readonly ended: Promise<unknown>;
  call(command: string, args?: object): Promise<unknown>;
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void;
  end(): Promise<void>;
}

export declare class StorageProcesses {
  readonly members: Map<string, StorageProcess>;
  constructor(ids: readonly string[], config: object, storageOptions: object, execArgv?: readonly string[]);
  start(id: string): Promise<StorageProcess>;
  startAll(): Promise<void>;
  settled(ids: readonly string[]): Promise<void>;
  end(): Promise<void>;
}
