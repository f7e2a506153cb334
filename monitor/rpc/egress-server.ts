import type { EgressMode } from '../model/egress.ts';
import { assertNever } from '../runtime/assert-never.ts';
import type { EgressQueries, EgressRequest, EgressService } from './service/egress-service.ts';
import { methods } from './protocol.ts';
import type { WholeEgressService } from './service/service-egress.ts';
import type { HeldService } from './service/service-held.ts';

/** The methods about egress: one for each effect, so that loosening can be told from tightening. */
export type EgressMethod = Extract<keyof typeof methods, `egress${string}`>;

/** Runs one; its parameters are parsed here, once more typed. */
export function runEgress(
  service: EgressService & EgressQueries & WholeEgressService & HeldService,
  name: EgressMethod,
  params: unknown,
): unknown {
  switch (name) {
    case 'egressList':
      return service.egress({ name: 'list', ...methods[name].params.parse(params) });
    case 'egressProve':
      return service.egress({ name: 'prove', ...methods[name].params.parse(params) });
    case 'egressEnforce':
    case 'egressAsk':
    case 'egressObserve':
    case 'egressOff':
      return service.egress({
        name: 'mode',
        mode: modeOf[name],
        ...methods[name].params.parse(params),
      });
    case 'egressAllow':
    case 'egressDeny': {
      const { target, from, rule } = methods[name].params.parse(params);
      const verdict = name === 'egressAllow' ? 'allow' : 'deny';
      return service.egress({ name: 'rule', target, from, rule: { ...rule, verdict } });
    }
    case 'egressRemove':
      return service.egress({ name: 'remove', ...methods[name].params.parse(params) });
    case 'egressSave':
      return service.egress({ name: 'save', ...methods[name].params.parse(params) });
    case 'egressPreset':
      return service.egress({ name: 'preset', ...methods[name].params.parse(params) });
    case 'egressProfile':
      return service.egress({ name: 'profile', ...methods[name].params.parse(params) });
    case 'egressImport':
      return service.egress({ name: 'import', ...methods[name].params.parse(params) });
    case 'egressUndo':
      return service.egress({ name: 'undo', ...methods[name].params.parse(params) });
    case 'egressLockdown':
      return service.egressLockdown(methods[name].params.parse(params));
    case 'egressLift':
      return service.egressLift(methods[name].params.parse(params));
    case 'egressErase':
      return service.egressErase(methods[name].params.parse(params));
    case 'egressHeld':
      return service.egressHeld();
    case 'egressHeldAllow':
      return service.egressHeldAllow(methods[name].params.parse(params));
    case 'egressHeldDeny':
      return service.egressHeldDeny(methods[name].params.parse(params));
    case 'egressHeldRefuse':
      return service.egressHeldRefuse(methods[name].params.parse(params));
    case 'egressHeldDefer':
      return service.egressHeldDefer(methods[name].params.parse(params));
    case 'egressPresets':
      return service.egressPresets();
    case 'egressExport':
      return service.egressExport(methods[name].params.parse(params));
    case 'egressSeen':
      return service.egressSeen(methods[name].params.parse(params));
    case 'egressCheck':
      return service.egressCheck(methods[name].params.parse(params));
    case 'egressLearn':
      return service.egressLearn(methods[name].params.parse(params));
    default:
      return assertNever(name);
  }
}

const modeOf = {
  egressEnforce: 'enforce',
  egressAsk: 'ask',
  egressObserve: 'observe',
  egressOff: 'off',
} as const satisfies Partial<Record<EgressMethod, EgressMode>>;

const modeMethods = {
  enforce: 'egressEnforce',
  ask: 'egressAsk',
  observe: 'egressObserve',
  off: 'egressOff',
} as const satisfies Record<EgressMode, EgressMethod>;

/** The method and its parameters that a request is sent as. */
export function egressCallOf(request: EgressRequest) {
  const { target } = request;
  if (request.name === 'list') return ['egressList', { target }] as const;
  if (request.name === 'prove') return ['egressProve', { target }] as const;
  const change = { target, from: request.from };
  switch (request.name) {
    case 'mode':
      return [modeMethods[request.mode], change] as const;
    case 'rule': {
      const { verdict, ...rule } = request.rule;
      return [verdict === 'allow' ? 'egressAllow' : 'egressDeny', { ...change, rule }] as const;
    }
    case 'remove':
      return ['egressRemove', { ...change, subject: request.subject }] as const;
    case 'save': {
      const { basedOn, profiles, rules } = request;
      const lists = { profiles: [...profiles], rules: [...rules] };
      return ['egressSave', { ...change, basedOn, ...lists }] as const;
    }
    case 'preset':
      return ['egressPreset', { ...change, preset: request.preset }] as const;
    case 'profile': {
      const { rules, ...profile } = request.profile;
      return ['egressProfile', { ...change, profile: { ...profile, rules: [...rules] } }] as const;
    }
    case 'import':
      return ['egressImport', { ...change, text: request.text }] as const;
    case 'undo':
      return ['egressUndo', { ...change, what: request.what }] as const;
  }
}
