import { PassThrough } from 'node:stream';
import type { LineProcess } from '../runtime/line-process.ts';
import type { Helper } from './helper-keeper.ts';

/** Has the helper run one of its programs that take and tell lines. It ends when its input does. */
export function startInHelper(
  helper: Pick<Helper, 'client' | 'whyNot'>,
  verb: 'sensor' | 'walls' | 'holds' | 'explains' | 'gvisor',
): LineProcess {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const killed = new AbortController();

  async function follow(): Promise<string> {
    const opened = await helper.client.open({ verb });
    if (!opened.ok) return helper.whyNot() ?? opened.error;
    const socket = opened.value;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    let reason = 'The helper ended it.';
    // A connection that breaks is seen by its close.
    socket.on('error', (error) => (reason = `The helper ended it: ${error.message}`));
    killed.signal.addEventListener('abort', () => socket.destroy());
    if (killed.signal.aborted) socket.destroy();
    input.pipe(socket).pipe(output);
    await closed;
    return helper.whyNot() ?? reason;
  }

  async function run(): Promise<string> {
    const reason = await follow();
    output.end();
    return reason;
  }

  return { pid: undefined, input, output, ended: run(), kill: () => killed.abort() };
}
