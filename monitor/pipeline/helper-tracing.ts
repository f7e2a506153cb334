import { startInHelper } from '../helper/helper-process.ts';
import type { Helper } from '../helper/helper-keeper.ts';
import { failed, ok } from '../runtime/result.ts';
import { maySandbox } from '../sensors/gvisor/gvisor-sandbox.ts';
import type { GvisorTracing } from '../sensors/gvisor/gvisor-tracing.ts';
import type { TracePoint } from '../sensors/gvisor/trace-session.ts';

/** The points as the helper takes them: a line each, of closed lists; see helper/source/trace.h. */
export function pointsAsLines(points: readonly TracePoint[]): string {
  const list = (fields: readonly string[] = []): string =>
    fields.length === 0 ? '-' : fields.join(',');
  return points
    .map(({ name, context_fields: context, optional_fields: optional }) =>
      [name, list(context), list(optional)].join(' '),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * Has the helper trace gVisor's sandboxes. It finds a sandbox by the container's id and the process
 * that the engine names, and checks both; no path and no command is told to it.
 */
export function createHelperTracing(
  helper: Pick<Helper, 'client' | 'whyNot'>,
  procFolder = '/proc',
): GvisorTracing {
  return {
    tellsFromStart: false,
    receiver: () => ok(startInHelper(helper, 'gvisor')),
    find(workload) {
      const { container, mainPid } = workload;
      if (mainPid === undefined || !maySandbox(procFolder, workload)) return undefined;
      const place = { container, pid: mainPid };
      return {
        pid: mainPid,
        async begin(points) {
          const begun = await helper.client.ask({
            verb: 'trace',
            place,
            points: pointsAsLines(points),
          });
          if (begun.ok) return ok(undefined);
          return failed(helper.whyNot() ?? begun.error.split('\n').at(-1) ?? begun.error);
        },
        async end() {
          // Where there is none, and where the helper is gone, nothing tells any more.
          await helper.client.ask({ verb: 'untrace', place });
        },
      };
    },
  };
}
