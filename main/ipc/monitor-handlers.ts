import type { MonitorClient } from '../../monitor/rpc/client.ts';
import { failed } from '../../monitor/runtime/result.ts';
import type { MonitorChannel } from '../../preload/channels.ts';
import type { Reply } from '../../preload/contract.ts';
import type { Handlers, Parsed } from './door.ts';
import { egressQuestions, type Ask } from './egress-questions.ts';

/** How each channel is put to the monitor. */
const questions: { readonly [Name in MonitorChannel]: Ask<Name> } = {
  snapshot: (client) => client.snapshot(),
  findings: (client, { status, workload, limit }) => client.findings({ status, workload, limit }),
  actions: (client, params) => client.actions(params),
  pause: (client, { target }) => client.act({ name: 'pause', target }),
  kill: (client, { target }) => client.act({ name: 'kill', target }),
  quarantine: (client, { target }) => client.act({ name: 'quarantine', target }),
  resume: (client, { target }) => client.act({ name: 'resume', target }),
  release: (client, { target }) => client.act({ name: 'release', target }),
  calls: (client, params) => client.calls(params),
  starts: (client, params) => client.starts(params),
  history: (client, params) => client.history(params),
  timeline: (client, { workload, since, limit }) => client.timeline({ workload, since, limit }),
  decisions: (client, { finding, workload, limit }) =>
    client.decisions({ finding, workload, limit }),
  containerFacts: (client, params) => client.containerFacts(params),
  processes: (client, params) => client.processes(params),
  acknowledge: (client, params) => client.acknowledge(params),
  unacknowledge: (client, params) => client.unacknowledge(params),
  markFalse: (client, params) => client.markFalse(params),
  unmarkFalse: (client, params) => client.unmarkFalse(params),
  mute: (client, params) => client.mute(params),
  unmute: (client, params) => client.unmute(params),
  policyText: (client) => client.policyText(),
  checkPolicy: (client, params) => client.checkPolicy(params),
  savePolicy: (client, { text, basedOn }) => client.savePolicy({ text, basedOn }),
  policyVersion: (client, params) => client.policyVersion(params),
  previewPolicy: (client, params) => client.previewPolicy(params),
  previewProgress: (client) => client.previewProgress(),
  cancelPreview: (client) => client.cancelPreview(),
  enforce: (client, { rule }) => client.setRuleMode({ rule, mode: 'enforce' }),
  observe: (client, { rule }) => client.setRuleMode({ rule, mode: 'observe' }),
  alarms: (client) => client.alarms(),
  raiseAlarmBudget: (client, { alarmsPerDay }) =>
    client.setAlarmBudget({ alarmsPerDay, direction: 'raise' }),
  lowerAlarmBudget: (client, { alarmsPerDay }) =>
    client.setAlarmBudget({ alarmsPerDay, direction: 'lower' }),
  settings: (client) => client.settings(),
  setRetention: (client, params) => client.setRetention(params),
  setSelection: (client, params) => client.setSelection(params),
  ...egressQuestions,
};

/** The handlers that pass on to the monitor. While none runs they answer `closed` at once. */
export function monitorHandlers(
  current: () => MonitorClient | undefined,
): Pick<Handlers, MonitorChannel> {
  function handler<Name extends MonitorChannel>(name: Name) {
    return (params: Parsed<Name>): Promise<Reply<Name>> => {
      const client = current();
      if (client !== undefined) return questions[name](client, params);
      const error = { kind: 'closed', message: 'No monitor is running.' } as const;
      return Promise.resolve(failed(error));
    };
  }
  return {
    snapshot: handler('snapshot'),
    findings: handler('findings'),
    actions: handler('actions'),
    pause: handler('pause'),
    kill: handler('kill'),
    quarantine: handler('quarantine'),
    resume: handler('resume'),
    release: handler('release'),
    calls: handler('calls'),
    starts: handler('starts'),
    history: handler('history'),
    timeline: handler('timeline'),
    decisions: handler('decisions'),
    containerFacts: handler('containerFacts'),
    processes: handler('processes'),
    acknowledge: handler('acknowledge'),
    unacknowledge: handler('unacknowledge'),
    markFalse: handler('markFalse'),
    unmarkFalse: handler('unmarkFalse'),
    mute: handler('mute'),
    unmute: handler('unmute'),
    policyText: handler('policyText'),
    checkPolicy: handler('checkPolicy'),
    savePolicy: handler('savePolicy'),
    policyVersion: handler('policyVersion'),
    previewPolicy: handler('previewPolicy'),
    previewProgress: handler('previewProgress'),
    cancelPreview: handler('cancelPreview'),
    enforce: handler('enforce'),
    observe: handler('observe'),
    alarms: handler('alarms'),
    raiseAlarmBudget: handler('raiseAlarmBudget'),
    lowerAlarmBudget: handler('lowerAlarmBudget'),
    settings: handler('settings'),
    setRetention: handler('setRetention'),
    setSelection: handler('setSelection'),
    egressList: handler('egressList'),
    egressProve: handler('egressProve'),
    egressEnforce: handler('egressEnforce'),
    egressAsk: handler('egressAsk'),
    egressObserve: handler('egressObserve'),
    egressOff: handler('egressOff'),
    egressSave: handler('egressSave'),
    egressPreset: handler('egressPreset'),
    egressProfile: handler('egressProfile'),
    egressImport: handler('egressImport'),
    egressUndo: handler('egressUndo'),
    egressHeld: handler('egressHeld'),
    egressHeldAllow: handler('egressHeldAllow'),
    egressHeldDeny: handler('egressHeldDeny'),
    egressHeldRefuse: handler('egressHeldRefuse'),
    egressHeldDefer: handler('egressHeldDefer'),
    egressLockdown: handler('egressLockdown'),
    egressLift: handler('egressLift'),
    egressErase: handler('egressErase'),
    egressPresets: handler('egressPresets'),
    egressExport: handler('egressExport'),
    egressSeen: handler('egressSeen'),
    egressCheck: handler('egressCheck'),
    egressLearn: handler('egressLearn'),
  };
}
