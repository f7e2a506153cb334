import { openListStage } from './monitor/egress/list-stage.ts';
const stage = openListStage();
const rules = Array.from({ length: 10_000 }, (_, i) => ({ verdict: 'allow' as const, target: i % 2 === 0 ? `host-${i}.example.com` : `10.${i >> 8}.${i & 255}.1`, protocol: 'tcp' as const, port: 443, note: 'some note about it' }));
const v = stage.egress.list(stage.workload).version;
await stage.egress.edit(stage.workload, { kind: 'save', basedOn: v, profiles: [], rules }, 'ada');
await stage.egress.edit(stage.workload, { kind: 'mode', mode: 'enforce' }, 'ada');
for (let i = 0; i < 5; i++) { const b = performance.now(); await stage.egress.edit(stage.workload, { kind: 'rule', rule: { verdict: 'allow', target: `x${i}.test` } }, 'ada'); console.log('rule', Math.round(performance.now() - b)); }
const b = performance.now(); stage.egress.list(stage.workload); console.log('list', Math.round(performance.now() - b));
await stage.close();
