/** Something to be closed. */
export type Dispose = () => void | Promise<void>;

/** Collects what has been opened, and closes it in reverse order, always to the end. */
export interface Disposer {
  /** Registers `dispose`; what comes after disposal is closed at once. */
  add(dispose: Dispose): void;
  /** Closes everything once; later calls wait for the first. Failures are returned, not thrown. */
  dispose(): Promise<readonly unknown[]>;
}

/** An empty disposer. */
export function createDisposer(): Disposer {
  const open: Dispose[] = [];
  let disposal: Promise<readonly unknown[]> | undefined;

  async function closeAll(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (let dispose = open.pop(); dispose !== undefined; dispose = open.pop()) {
      try {
        await dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }

  return {
    add(dispose) {
      if (disposal === undefined) {
        open.push(dispose);
        return;
      }
      open.push(dispose);
      disposal = disposal.then(async (earlier) => [...earlier, ...(await closeAll())]);
    },
    dispose() {
      disposal ??= closeAll();
      return disposal;
    },
  };
}
