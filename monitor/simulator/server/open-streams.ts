import type { ServerResponse } from 'node:http';
import { spoil } from '../fault.ts';
import type { Fault, Faults } from '../fault.ts';
import type { Operation } from '../operation.ts';

/** What may befall a line of a stream. */
const lineFaults: readonly Fault['kind'][] = ['stall', 'garbage', 'cut'];

/** Bytes that wait for a slow reader before lines are dropped. */
const mostWaitingBytes = 4 * 1024 * 1024;

/** A response that is written line by line until one side ends it. */
export interface OpenStream {
  /** Writes a line, unless a fault or a reader that is too slow forbids. */
  write(line: string): void;
  end(): void;
  cut(): void;
  readonly response: ServerResponse;
}

/** Every stream of one kind that is open, and what was dropped for readers that were too slow. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>();
  readonly #faults: Faults;
  readonly #operation: Operation;
  droppedLines = 0;

  constructor(operation: Operation, faults: Faults) {
    this.#operation = operation;
    this.#faults = faults;
  }

  /** Opens a stream on a response; headers go out at once. `closed` is called when it is over. */
  open(response: ServerResponse, container: string | undefined, closed: () => void): OpenStream {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.flushHeaders();
    const stream: OpenStream = {
      response,
      write: (line) => this.#write(response, container, line),
      end: () => response.end(),
      cut: () => response.destroy(),
    };
    this.#open.add(stream);
    response.once('close', () => {
      this.#open.delete(stream);
      closed();
    });
    return stream;
  }

  /** Cuts every stream without an end; the number of those that were open. */
  cutAll(): number {
    const count = this.#open.size;
    for (const stream of this.#open) stream.cut();
    return count;
  }

  get count(): number {
    return this.#open.size;
  }

  /** The responses whose readers have not kept up. */
  behind(): readonly ServerResponse[] {
    const slow = [];
    for (const { response } of this.#open) if (response.writableNeedDrain) slow.push(response);
    return slow;
  }

  #write(response: ServerResponse, container: string | undefined, line: string): void {
    const fault = this.#faults.take(this.#operation, container, lineFaults);
    if (fault?.kind === 'stall') return;
    if (fault?.kind === 'cut') {
      response.destroy();
      return;
    }
    if (response.writableLength > mostWaitingBytes) {
      this.droppedLines += 1;
      return;
    }
    response.write(fault?.kind === 'garbage' ? spoil(line, fault.form) : line);
  }
}
