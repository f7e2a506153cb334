import { startLoop } from '../../runtime/loop.ts';
import { failed, ok } from '../../runtime/result.ts';
import type { Result } from '../../runtime/result.ts';
import type { WatchClient } from '../../rpc/client.ts';
import type { MonitorEvent } from '../../rpc/service/service.ts';
import { applyEvent, createBoard } from './board.ts';
import type { Board } from './board.ts';
import type { WatchCommand } from '../command.ts';
import { countOf, roughSpan } from '../terminal/figures.ts';
import { complainUnread, createOutput } from '../terminal/output.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { createJsonView, createLineView, createTableView } from './view.ts';
import type { View } from './view.ts';

/** How many findings and actions of before are shown at the start. */
const earlier = 6;

/** All that are open are read: what is not known here is taken for new when it is told again. */
const mostOpen = 1000;

/** A timer that is asked to wait longer does not wait at all. Milliseconds. */
const longestTimerMs = 2 ** 31 - 1;

/** How a watch ended: as the person wanted, or because the monitor has gone. */
export type ShowEnd =
  { readonly kind: 'stopped' } | { readonly kind: 'gone'; readonly reason: string };

/**
 * Shows what the monitor sees until `stopped` is aborted, the time of the command is over, or the
 * monitor goes; then prints a summary. The error is a sentence: the monitor did not answer.
 */
export async function showMonitor(
  client: WatchClient,
  command: Pick<WatchCommand, 'forMs' | 'isJson'>,
  terminal: Terminal,
  stopped: AbortSignal,
): Promise<Result<ShowEnd, string>> {
  // Events that come before the snapshot are kept for after it: applied twice, they do no harm.
  const waiting: MonitorEvent[] = [];
  let onEvent = (event: MonitorEvent): void => void waiting.push(event);
  let onLost: (count: number) => void = () => undefined;
  const subscribed = await client.subscribe({
    onEvent: (event) => onEvent(event),
    onLost: (count) => onLost(count),
  });
  if (!subscribed.ok) return failed(subscribed.error.message);
  const board = await readBoard(client, terminal);
  if (!board.ok) return board;
  const output = createOutput(terminal, () => board.value.snapshot.simulated);
  const view = chooseView(board.value, command.isJson);
  /** Left out, and not told of yet. */
  let untold = 0;
  onEvent = (event) => {
    // This process may be the monitor: what a reader who stalls does not take must not fill it.
    if (terminal.isBehind()) onLost(1);
    else {
      tellLost();
      view.onEvent(event);
    }
    applyEvent(board.value, event);
  };
  onLost = (count) => {
    board.value.missed += count;
    untold += count;
    tellLost();
  };
  for (const event of waiting) onEvent(event);
  const broken = Promise.withResolvers<never>();
  const beat = startLoop({
    periodMs: view.beatMs,
    timeoutMs: view.beatMs * 10,
    run: beatOnce,
    onError: broken.reject,
  });
  const startedAt = performance.now();
  let end: ShowEnd;
  try {
    end = await Promise.race([waitForEnd(), broken.promise]);
    beatOnce();
  } finally {
    await beat.stop();
    view.close();
  }
  if (end.kind === 'stopped') await client.unsubscribe();
  summarize(board.value, performance.now() - startedAt);
  return ok(end);

  function tellLost(): void {
    if (untold === 0 || terminal.isBehind()) return;
    view.onLost(untold);
    untold = 0;
  }

  function beatOnce(): void {
    tellLost();
    if (!terminal.isBehind()) view.onBeat();
  }

  function chooseView(shown: Board, isJson: boolean): View {
    if (isJson) return createJsonView(output, shown);
    return terminal.isLive ? createTableView(terminal, shown) : createLineView(output, shown);
  }

  function waitForEnd(): Promise<ShowEnd> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      if (command.forMs !== undefined) wait(command.forMs);
      function wait(leftMs: number): void {
        timer =
          leftMs > longestTimerMs
            ? setTimeout(() => wait(leftMs - longestTimerMs), longestTimerMs)
            : setTimeout(finish, leftMs);
      }
      function finish(): void {
        clearTimeout(timer);
        stopped.removeEventListener('abort', finish);
        resolve({ kind: 'stopped' });
      }
      stopped.addEventListener('abort', finish);
      if (stopped.aborted) finish();
      void client.closed.then((reason) => {
        clearTimeout(timer);
        stopped.removeEventListener('abort', finish);
        resolve({ kind: 'gone', reason });
      });
    });
  }

  function summarize(shown: Board, spanMs: number): void {
    const { findings, actions, wouldHave } = shown.seen;
    const containers = shown.workloads.size;
    const { missed } = shown;
    if (command.isJson) {
      const seconds = Math.round(spanMs / 100) / 10;
      const { losses } = shown.snapshot;
      output.json('summary', { seconds, containers, findings, actions, wouldHave, missed, losses });
      return;
    }
    output.line(
      `Watched ${countOf(containers, 'container')} for ${roughSpan(spanMs)}: ` +
        `${countOf(findings, 'new finding')}, ${countOf(actions, 'action')}, ` +
        `${wouldHave} that would have been taken.` +
        (missed > 0 ? ` ${countOf(missed, 'update')} did not arrive here.` : ''),
    );
  }
}

async function readBoard(client: WatchClient, terminal: Terminal): Promise<Result<Board, string>> {
  const [snapshot, findings, open, actions] = await Promise.all([
    client.snapshot(),
    client.findings({ status: undefined, workload: undefined, limit: earlier }),
    client.findings({ status: 'open', workload: undefined, limit: mostOpen }),
    client.actions({ limit: earlier }),
  ]);
  if (!snapshot.ok) return failed(snapshot.error.message);
  if (!findings.ok) return failed(findings.error.message);
  if (!open.ok) return failed(open.error.message);
  if (!actions.ok) {
    if (actions.error.kind !== 'record-failed') return failed(actions.error.message);
    complainUnread(terminal, actions.error);
  }
  const done = actions.ok ? actions.value : [];
  return ok(createBoard(snapshot.value, [...findings.value, ...open.value], done));
}
