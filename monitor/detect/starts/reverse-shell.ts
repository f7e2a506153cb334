import type { ProcessStartObservation } from '../../model/observation.ts';
import type { Technique } from '../../model/finding.ts';
import { isInterpreter, isShell } from './program-kind.ts';
import type { Suspicion } from './suspicion.ts';
import { startInWords } from './start-words.ts';

const unixShell: Technique = { id: 'T1059.004', name: 'Unix Shell' };

/**
 * A program whose input or output is a connection of the network, so that whoever is at its other end
 * gives the commands. Judged by what the kernel has for its standard files, whatever it is called and
 * whoever started it; also through one terminal that its parent put between.
 */
export function reverseShell(start: ProcessStartObservation): Suspicion | undefined {
  const { network, program } = start;
  if (network === undefined) return undefined;
  const takesCommands = isShell(program) || isInterpreter(program);
  const isWired = network.input || network.output;
  // Beneath a process that is wired so, what it starts is its own affair, unless it is a shell again.
  if (!isWired && !takesCommands) return undefined;
  const how = !isWired
    ? 'beneath a process whose input is'
    : network.input && network.output
      ? 'with its input and output on'
      : network.input
        ? 'with its input on'
        : 'with its output on';
  return {
    kind: 'reverse-shell',
    series: 'shell on the network',
    severity: takesCommands || (network.input && network.output) ? 'high' : 'medium',
    technique: unixShell,
    sentence: `${startInWords(start)} runs ${how} a connection to ${network.peer}`,
    learns: [],
  };
}
