import type { MonitorEvent } from '../../rpc/service/service.ts';
import type { Board } from './board.ts';
import { createPaint } from '../terminal/colour.ts';
import { countOf } from '../terminal/figures.ts';
import { eventLine, tickLine } from './event-line.ts';
import { frameLines } from './frame.ts';
import type { Output } from '../terminal/output.ts';
import { openScreen } from '../terminal/screen.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** One way to show a watch. */
export interface View {
  /** Told of each event before the board is brought up to date with it. */
  onEvent(event: MonitorEvent): void;
  onLost(count: number): void;
  /** Called every `beatMs`. */
  onBeat(): void;
  readonly beatMs: number;
  close(): void;
}

/** Between two lines about the state of things, in milliseconds of the monitor's time. */
const tickLineMs = 10_000;

/** The first line waits so long for the first readings, in milliseconds. */
const firstListMs = 2000;

/** A live table, redrawn in place. */
export function createTableView(terminal: Terminal, board: Board): View {
  const paint = createPaint(terminal.isColoured);
  const screen = openScreen(terminal);
  const draw = (): void => screen.draw(frameLines(board, terminal.size(), paint));
  draw();
  return {
    onEvent: () => undefined,
    onLost: () => undefined,
    onBeat: draw,
    beatMs: 500,
    close: () => screen.close(),
  };
}

/** One line for each event worth one, and one about the state of things now and then. */
export function createLineView(output: Output, board: Board): View {
  // Before the first list there is nothing to tell but what starting costs.
  const patientUntil = performance.now() + firstListMs;
  let toldAt: number | undefined;

  function tell(): void {
    toldAt = board.snapshot.at;
    output.line(tickLine(board));
  }

  if (board.workloads.size > 0) tell();
  return {
    onEvent(event) {
      const line = eventLine(board, event);
      if (line !== undefined) output.line(line);
    },
    onLost(count) {
      output.line(`Left out, since this is read too slowly: ${countOf(count, 'update')}.`);
    },
    onBeat() {
      if (toldAt === undefined) {
        const isRead = [...board.workloads.values()].some(({ resource }) => resource !== undefined);
        if (isRead || performance.now() >= patientUntil) tell();
      } else if (board.snapshot.at >= toldAt + tickLineMs) tell();
    },
    beatMs: 500,
    close: () => undefined,
  };
}

/** Every event as one JSON object; `type` is its kind. The first is the whole snapshot. */
export function createJsonView(output: Output, board: Board): View {
  output.json('snapshot', { ...board.snapshot, workloads: [...board.workloads.values()] });
  return {
    onEvent({ kind, ...members }) {
      output.json(kind, members);
    },
    onLost(count) {
      output.json('lost', { count });
    },
    onBeat: () => undefined,
    beatMs: 1000,
    close: () => undefined,
  };
}
