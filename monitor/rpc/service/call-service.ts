import { assertNever } from '../../runtime/assert-never.ts';
import { runEgress } from '../egress-server.ts';
import { methods } from '../protocol.ts';
import type { MethodName } from '../protocol.ts';
import type { MonitorService } from './service.ts';

/** The methods that are the service's own; the rest belong to the connection. */
export type ServiceMethod = Exclude<MethodName, 'subscribe' | 'unsubscribe'>;

/**
 * Calls one method of the service; the value may be a promise. `raw` is what the method's schema
 * accepts, parsed here (once more, so that it is typed): throws ZodError for anything else.
 */
export function callService(service: MonitorService, name: ServiceMethod, raw: unknown): unknown {
  switch (name) {
    case 'snapshot':
      return service.snapshot();
    case 'findings': {
      const { status, workload, limit } = methods[name].params.parse(raw);
      return service.findings({ status, workload, limit });
    }
    case 'actions':
      return service.actions(methods[name].params.parse(raw));
    case 'pause':
    case 'kill':
    case 'quarantine':
    case 'resume':
    case 'release':
      return service.act({ name, target: methods[name].params.parse(raw).target });
    case 'egressList':
    case 'egressProve':
    case 'egressEnforce':
    case 'egressAsk':
    case 'egressObserve':
    case 'egressOff':
    case 'egressAllow':
    case 'egressDeny':
    case 'egressRemove':
    case 'egressSave':
    case 'egressPreset':
    case 'egressProfile':
    case 'egressImport':
    case 'egressUndo':
    case 'egressHeld':
    case 'egressHeldAllow':
    case 'egressHeldDeny':
    case 'egressHeldRefuse':
    case 'egressHeldDefer':
    case 'egressLockdown':
    case 'egressLift':
    case 'egressErase':
    case 'egressPresets':
    case 'egressExport':
    case 'egressSeen':
    case 'egressCheck':
    case 'egressLearn':
      return runEgress(service, name, raw);
    case 'calls':
      return service.calls(methods[name].params.parse(raw));
    case 'starts':
      return service.starts(methods[name].params.parse(raw));
    case 'history':
      return service.history(methods[name].params.parse(raw));
    case 'timeline':
      return service.timeline(methods[name].params.parse(raw));
    case 'decisions':
      return service.decisions(methods[name].params.parse(raw));
    case 'containerFacts':
      return service.containerFacts(methods[name].params.parse(raw));
    case 'processes':
      return service.processes(methods[name].params.parse(raw));
    case 'acknowledge':
      return service.acknowledge(methods[name].params.parse(raw));
    case 'unacknowledge':
      return service.unacknowledge(methods[name].params.parse(raw));
    case 'markFalse':
      return service.markFalse(methods[name].params.parse(raw));
    case 'unmarkFalse':
      return service.unmarkFalse(methods[name].params.parse(raw));
    case 'mute':
      return service.mute(methods[name].params.parse(raw));
    case 'unmute':
      return service.unmute(methods[name].params.parse(raw));
    case 'policyText':
      return service.policyText();
    case 'checkPolicy':
      return service.checkPolicy(methods[name].params.parse(raw));
    case 'savePolicy':
      return service.savePolicy(methods[name].params.parse(raw));
    case 'policyVersion':
      return service.policyVersion(methods[name].params.parse(raw));
    case 'previewProgress':
      return service.previewProgress();
    case 'cancelPreview':
      return service.cancelPreview();
    case 'previewPolicy':
      return service.previewPolicy(methods[name].params.parse(raw));
    case 'enforce':
    case 'observe':
      return service.setRuleMode({ ...methods[name].params.parse(raw), mode: name });
    case 'alarms':
      return service.alarms();
    case 'raiseAlarmBudget':
    case 'lowerAlarmBudget': {
      const direction = name === 'raiseAlarmBudget' ? 'raise' : 'lower';
      return service.setAlarmBudget({ ...methods[name].params.parse(raw), direction });
    }
    case 'settings':
      return service.settings();
    case 'setSelection':
      return service.setSelection(methods[name].params.parse(raw));
    case 'disarmList':
      return service.disarmList();
    case 'disarm':
      return service.disarm();
    case 'tryEngine':
      return service.tryEngine(methods[name].params.parse(raw));
    case 'setRetention':
      return service.setRetention(methods[name].params.parse(raw));
    default:
      return assertNever(name);
  }
}
