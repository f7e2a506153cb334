import type { EgressMode } from '../model/egress.ts';
import { assertNever } from '../runtime/assert-never.ts';
import type { EgressRequest, EgressService } from './egress-service.ts';
import { methods } from './protocol.ts';

/** The methods about egress: one for each effect, so that loosening can be told from tightening. */
export type EgressMethod = Extract<keyof typeof methods, `egress${string}`>;

/** Runs one; its parameters are parsed here, once more typed. */
export function runEgress(service: EgressService, name: EgressMethod, params: unknown): unknown {
  switch (name) {
    case 'egressList':
      return service.egress({ name: 'list', ...methods[name].params.parse(params) });
    case 'egressProve':
      return service.egress({ name: 'prove', ...methods[name].params.parse(params) });
    case 'egressEnforce':
      return service.egress({
        name: 'mode',
        mode: 'enforce',
        ...methods[name].params.parse(params),
      });
    case 'egressObserve':
      return service.egress({
        name: 'mode',
        mode: 'observe',
        ...methods[name].params.parse(params),
      });
    case 'egressOff':
      return service.egress({ name: 'mode', mode: 'off', ...methods[name].params.parse(params) });
    case 'egressAllow':
    case 'egressDeny': {
      const { target, rule } = methods[name].params.parse(params);
      const verdict = name === 'egressAllow' ? 'allow' : 'deny';
      return service.egress({ name: 'rule', target, rule: { ...rule, verdict } });
    }
    default:
      return assertNever(name);
  }
}

const modeMethods = {
  enforce: 'egressEnforce',
  observe: 'egressObserve',
  off: 'egressOff',
} as const satisfies Record<EgressMode, EgressMethod>;

/** The method and its parameters that a request is sent as. */
export function egressCallOf(request: EgressRequest) {
  const { target } = request;
  switch (request.name) {
    case 'list':
      return ['egressList', { target }] as const;
    case 'prove':
      return ['egressProve', { target }] as const;
    case 'mode':
      return [modeMethods[request.mode], { target }] as const;
    case 'rule': {
      const { verdict, ...rule } = request.rule;
      return [verdict === 'allow' ? 'egressAllow' : 'egressDeny', { target, rule }] as const;
    }
  }
}
