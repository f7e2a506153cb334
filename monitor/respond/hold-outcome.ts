import type { ActionOutcome } from '../model/action.ts';
import { gapInWords } from './gaps.ts';
import type { HoldEnd } from './hold.ts';
import { networkHoles, outsideHoles } from './holes.ts';
import { kernelInWords, proofOf, stateInWords } from './proof.ts';
import { isUp } from './response-engine.ts';

/** What is told of a container that is no longer there. */
export const goneInWords = 'Gone: the container is no longer there.';

const acceptedInWords = 'Frozen: the engine accepted it, and its list of containers says paused';

const silentInWords =
  'About this container alone it does not answer at present, as happens when a command or health check was just starting in it; it is read back in full when it does.';

/**
 * How holding ended, as an action's outcome. `remarks` are whole sentences and come first. Frozen on
 * a network that cannot be detached, or but for some of its processes, is `partly`: containment is
 * pause and no network.
 */
export function holdOutcome(end: HoldEnd, remarks: readonly string[]): ActionOutcome {
  const say = (...sentences: readonly string[]): string => [...remarks, ...sentences].join(' ');
  switch (end.state) {
    case 'gone':
      return { state: 'failed', reason: say(goneInWords) };
    case 'idle':
      return {
        state: 'refused',
        reason: say(`It is ${stateInWords(end.detail)}: there is nothing to hold.`),
      };
    case 'unknown':
      return {
        state: 'failed',
        reason: say(
          `The engine did not tell the container's state: ${end.errors.join('; ')}`,
          'It is tried again when the engine answers.',
        ),
      };
    case 'held': {
      const { detail, kernel, outside } = end;
      const proof = isUp(detail)
        ? proofOf(detail, kernel)
        : `It does not run and is held down. ${proofOf(detail)}`;
      const holes = isUp(detail)
        ? [...networkHoles(detail.workload.network), ...outsideHoles(outside)]
        : [];
      return holes.length === 0
        ? { state: 'proved', proof: say(proof) }
        : { state: 'partly', proof: say(proof), holes };
    }
    case 'listed': {
      const { detail, kernel, open } = end;
      const holes = [
        ...open,
        ...(detail === undefined ? [] : networkHoles(detail.workload.network)),
      ];
      const proof = `${acceptedInWords}${kernelInWords(kernel)}. ${silentInWords} ${open.length === 0 ? 'What else was asked of it, it accepted.' : ''}`;
      return holes.length === 0
        ? { state: 'proved', proof: say(proof.trim()) }
        : { state: 'partly', proof: say(proof.trim()), holes };
    }
    case 'open': {
      const why = end.errors.length === 0 ? '' : `The engine said: ${end.errors.join('; ')}`;
      if (!end.touched) {
        return { state: 'failed', reason: say(...end.gaps.map(gapInWords), why).trim() };
      }
      return {
        state: 'partly',
        proof: say(proofOf(end.detail), why).trim(),
        holes: [...end.gaps.map(gapInWords), ...networkHoles(end.detail.workload.network)],
      };
    }
  }
}
