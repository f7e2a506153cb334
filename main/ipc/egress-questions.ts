import type { MonitorClient } from '../../monitor/rpc/client.ts';
import type { MonitorChannel } from '../../preload/channels.ts';
import type { Reply } from '../../preload/contract.ts';
import type { Parsed } from './door.ts';

/** How a channel is put to the monitor. */
export type Ask<Name extends MonitorChannel> = (
  client: MonitorClient,
  params: Parsed<Name>,
) => Promise<Reply<Name>>;

type EgressQuestion = Extract<MonitorChannel, `egress${string}`>;

const from = 'window';

/** The channels about egress. Whatever the window says, a change came by the window. */
export const egressQuestions: { readonly [Name in EgressQuestion]: Ask<Name> } = {
  egressList: (client, { target }) => client.egress({ name: 'list', target }),
  egressProve: (client, { target }) => client.egress({ name: 'prove', target }),
  egressEnforce: (client, { target }) =>
    client.egress({ name: 'mode', target, mode: 'enforce', from }),
  egressAsk: (client, { target }) => client.egress({ name: 'mode', target, mode: 'ask', from }),
  egressObserve: (client, { target }) =>
    client.egress({ name: 'mode', target, mode: 'observe', from }),
  egressOff: (client, { target }) => client.egress({ name: 'mode', target, mode: 'off', from }),
  egressSave: (client, { target, basedOn, profiles, rules }) =>
    client.egress({ name: 'save', target, basedOn, profiles, rules, from }),
  egressPreset: (client, { target, preset }) =>
    client.egress({ name: 'preset', target, preset, from }),
  egressProfile: (client, { target, profile }) =>
    client.egress({ name: 'profile', target, profile, from }),
  egressImport: (client, { target, text }) => client.egress({ name: 'import', target, text, from }),
  egressUndo: (client, { target, what }) => client.egress({ name: 'undo', target, what, from }),
  egressHeld: (client) => client.egressHeld(),
  egressHeldAllow: (client, { id, rule }) => client.egressHeldAllow({ id, rule, from }),
  egressHeldDeny: (client, { id, rule }) => client.egressHeldDeny({ id, rule, from }),
  egressHeldRefuse: (client, { id }) => client.egressHeldRefuse({ id, from }),
  egressHeldDefer: (client, { id }) => client.egressHeldDefer({ id, from }),
  egressLockdown: (client) => client.egressLockdown({ from }),
  egressLift: (client) => client.egressLift({ from }),
  egressErase: (client, { target }) => client.egressErase({ target }),
  egressPresets: (client) => client.egressPresets(),
  egressExport: (client, params) => client.egressExport(params),
  egressSeen: (client, params) => client.egressSeen(params),
  egressCheck: (client, params) => client.egressCheck(params),
  egressLearn: (client, params) => client.egressLearn(params),
};
