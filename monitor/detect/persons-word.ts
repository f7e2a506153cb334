import { acknowledgeStart } from './starts/start-watch.ts';
import type { ControlEvent } from '../model/observation.ts';
import { countFalse, uncountFalse, type AlarmBudget } from './budget/alarm-budget.ts';
import type { ContainerWatch } from './container-watch.ts';
import { acceptNameAlarm } from './dns/name-alarm.ts';
import { acceptVolume } from './egress/place-volume.ts';
import type { LearnedBaseline } from './learned.ts';
import { acknowledge } from './open-findings.ts';
import { partsOf, sourceOf } from './finding-source.ts';
import { acceptUpload, uploadSeries } from './sustained-upload.ts';
import { acceptCallAlarm } from './syscalls/call-alarm.ts';
import { acceptTogether } from './together/together-alarm.ts';
import { acceptCallMix, mixSeries } from './syscalls/call-mix.ts';

/** Takes to heart what the person said about a finding of the container, or about the budget. */
export function hearPerson(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  word: ControlEvent,
): void {
  hearOfBudget(baseline.profile.budget, word);
  switch (word.name) {
    case 'acknowledged':
      holdNormal(watch, baseline, word.finding, true);
      return;
    case 'unacknowledged':
      holdNormal(watch, baseline, word.finding, false);
      return;
    case 'marked-false':
      holdNormal(watch, baseline, word.finding, true);
      return;
    case 'unmarked-false':
      holdNormal(watch, baseline, word.finding, false);
      return;
    case 'budget-changed':
    case 'paused':
    case 'resumed':
    case 'contained':
    case 'released':
    case 'killed':
      return;
  }
}

/** What a person said as far as it concerns the budget: of a container that is gone, too. */
export function hearOfBudget(budget: AlarmBudget, word: ControlEvent): void {
  if (word.name === 'budget-changed') budget.alarmsPerDay = word.alarmsPerDay;
  if (word.name !== 'marked-false' && word.name !== 'unmarked-false') return;
  const { finding } = word;
  const source = sourceOf(finding);
  if (source === undefined) return;
  const { onsetAt } = partsOf(finding);
  if (word.name === 'marked-false') countFalse(budget, source, { finding, onsetAt });
  else uncountFalse(budget, source, finding);
}

function holdNormal(
  watch: ContainerWatch,
  baseline: LearnedBaseline,
  id: string,
  isNormal: boolean,
): void {
  const finding = acknowledge(watch.findings, id, isNormal);
  // It is found only where there was none, so that without the person's word there is none.
  if (finding?.kind === 'unexpected-exec') baseline.execs = isNormal ? 1 : 0;
  const { kind, series, onsetAt } = partsOf(id);
  acknowledgeStart(watch.starts, baseline.starts, `${kind}/${series}`, isNormal);
  if (kind === 'sustained-upload' && series === uploadSeries) {
    acceptUpload(watch.upload, baseline, onsetAt, isNormal);
  }
  if (!isNormal) return;
  // What these told of is learned at once; they end sooner than a person can answer.
  if (kind === 'unusual-calls') {
    if (series === mixSeries) {
      acceptCallMix(watch.mix, baseline.profile.mixes, onsetAt);
    } else acceptCallAlarm(watch.calls, baseline.profile.calls);
  }
  if (kind === 'sustained-upload') {
    acceptVolume(watch.volumes, baseline.profile.volumes, { series, onsetAt });
  }
  if (kind === 'several-senses') acceptTogether(watch.together, onsetAt);
  if (kind === 'dns-tunnel') acceptNameAlarm(watch.names, baseline.profile.domains, series);
}
