import type {
  EgressQueries,
  EgressRequest,
  EgressService,
  EgressView,
} from '../../../monitor/rpc/service/egress-service.ts';
import type { HeldQuestion } from '../../../monitor/model/held.ts';
import type { HeldReport, HeldService } from '../../../monitor/rpc/service/service-held.ts';
import type { WholeEgressService } from '../../../monitor/rpc/service/service-egress.ts';
import type { ActRefusal } from '../../../monitor/rpc/service/service.ts';
import { failed, ok, type Result } from '../../../monitor/runtime/result.ts';

/** What the fake monitor says of every container's egress; a name that begins with "no" is unknown. */
export function createFakeEgressService(): EgressService &
  EgressQueries &
  WholeEgressService &
  HeldService {
  const known = <Value>(target: string, value: Value): Result<Value, ActRefusal> =>
    target.startsWith('no')
      ? failed({
          kind: 'not-possible',
          message: `Nothing is known of the egress of ${target}.`,
          advice: '',
          candidates: [],
        })
      : ok(value);
  return {
    egress: (request) =>
      Promise.resolve(known(request.target, fakeEgressView({ notice: JSON.stringify(request) }))),
    egressLockdown: ({ from }) => {
      const notClosed = [
        { container: 'c'.repeat(64), name: 'guest', reason: 'It is not its own.' },
      ];
      return Promise.resolve(
        ok({ lockdown: { since: 5, by: `ada, by the ${from}` }, closed: 2, notClosed }),
      );
    },
    egressLift: () => Promise.resolve(ok({ lockdown: undefined, closed: 0, notClosed: [] })),
    egressErase: ({ target }) => known(target ?? '', { rows: target === undefined ? 12 : 3 }),
    egressHeld: () => ({ questions: [fakeQuestion()] }),
    egressHeldAllow: ({ rule }) => Promise.resolve(held(`allow ${JSON.stringify(rule)}`)),
    egressHeldDeny: ({ rule }) => Promise.resolve(held(`deny ${JSON.stringify(rule)}`)),
    egressHeldRefuse: ({ id }) => held(`refuse ${id}`),
    egressHeldDefer: ({ id }) => held(`defer ${id}`),
    egressPresets: () => ({
      presets: [{ name: 'npm', note: 'Packages', rules: [{ verdict: 'allow', target: 'a.test' }] }],
      profiles: [],
    }),
    egressExport: ({ target }) => known(target, { text: 'sentra-egress: 1\n' }),
    egressSeen: ({ target, hours }) =>
      known(target, { since: hours, destinations: [], names: [], kinds: [] }),
    egressCheck: ({ target, rules }) =>
      known(target, {
        problems: rules.map((_, index) => ({ index, message: 'It is none.' })),
        remarks: rules.map((_, index) => ({ index, message: 'It is odd.' })),
        preview: undefined,
      }),
    egressLearn: ({ target, hours }) =>
      known(target, {
        since: hours,
        proposals: [
          { rule: { verdict: 'allow', target: 'b.test' }, ground: 'Seen.', looks: 3, bytes: 9 },
        ],
        leftOut: ['1 destination: not so.'],
      }),
  };
}

function held(notice: string): Result<HeldReport, ActRefusal> {
  return ok({ questions: [], notice });
}

/** A connection that the fake monitor holds. */
export function fakeQuestion(change: Partial<HeldQuestion> = {}): HeldQuestion {
  return {
    ...{ id: 'a1'.repeat(8), container: 'b0b0'.padEnd(64, '0'), workload: 'agent:1' },
    ...{ containerName: 'agent', image: 'agent:1', name: 'api.test', address: '240.1.2.3' },
    ...{ protocol: 'tcp', port: 443, others: [], isHeld: true },
    ...{ firstAt: 1, lastAt: 2, attempts: 3 },
    state: { kind: 'waiting', until: 120_000 },
    offers: [
      {
        rule: { verdict: 'allow', target: 'api.test', protocol: 'tcp', port: 443 },
        matched: 0,
      },
      { rule: { verdict: 'allow', target: 'api.test' }, matched: 0 },
      { rule: { verdict: 'deny', target: 'api.test' }, matched: 0 },
    ],
    ...{ destinations: 0, lastVisit: undefined, recordedSince: undefined },
    ...change,
  };
}

/** A container's egress as the fake monitor knows it. `notice` may tell the request. */
export function fakeEgressView(change: Partial<EgressView> = {}): EgressView {
  return {
    container: 'b0b0'.padEnd(64, '0'),
    name: 'builder',
    workload: 'agents/builder',
    mode: 'enforce',
    version: '0123456789abcdef',
    rules: [{ verdict: 'allow', target: 'a.test', port: 443, note: 'for the build' }],
    uses: [{ count: 3, lastAt: 5, isIdle: false }],
    profiles: [],
    undo: undefined,
    coverage: undefined,
    destinations: [],
    names: [],
    probes: [],
    notice: undefined,
    ...change,
  };
}

/** The request that a fake view was an answer to. */
export function requestOf(view: EgressView): EgressRequest {
  return JSON.parse(view.notice ?? '{}') as EgressRequest;
}
