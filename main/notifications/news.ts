import type { Action } from '../../monitor/model/action.ts';
import { severities } from '../../monitor/model/finding.ts';
import type { Finding } from '../../monitor/model/finding.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import type { MonitorEvent } from '../../monitor/rpc/service/service.ts';
import { nameOf } from '../picture/picture.ts';
import type { Picture } from '../picture/picture.ts';
import type { ContainerNews } from './notice.ts';

/** What an event makes worth telling of one container; undefined when it is nothing to tell. */
export interface Piece {
  readonly container: ContainerId;
  readonly finding: Finding | undefined;
  readonly action: Action | undefined;
}

/**
 * What is to be told follows the policy: a finding is told when a rule says `notify`, and so is what
 * was done for it. What a person asked for is told only when it did not fully succeed.
 */
export function pieceOf(event: MonitorEvent, picture: Picture): Piece | undefined {
  if (event.kind !== 'action') return undefined;
  const { action } = event;
  const { container, requester, outcome } = action;
  if (outcome.state === 'started') return undefined;
  switch (requester.kind) {
    case 'policy': {
      const decision = picture.decisions.get(requester.decision);
      if (decision?.muted === true) return undefined;
      const finding = decision === undefined ? undefined : picture.findings.get(decision.finding);
      if (action.name === 'notify') {
        return outcome.state === 'proved' && finding !== undefined
          ? { container, finding, action: undefined }
          : undefined;
      }
      return { container, finding, action };
    }
    case 'person':
      return outcome.state === 'proved' ? undefined : { container, finding: undefined, action };
    case 'upkeep':
      return outcome.state === 'failed' ? { container, finding: undefined, action } : undefined;
  }
}

/** What has gathered about one container, as one piece of news: findings once, the gravest first. */
export function newsOf(
  pieces: readonly Piece[],
  container: ContainerId,
  picture: Picture,
): ContainerNews {
  const findings = new Map<string, Finding>();
  for (const { finding } of pieces) if (finding !== undefined) findings.set(finding.id, finding);
  const rank = ({ severity }: Finding): number => severities.indexOf(severity);
  return {
    container,
    name: nameOf(picture, container),
    findings: [...findings.values()].sort((one, other) => rank(other) - rank(one)),
    action: pieces.findLast(({ action }) => action !== undefined)?.action,
  };
}
