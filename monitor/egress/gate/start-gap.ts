/** What may have left between a container's start and its wall. */
export interface StartGap {
  /** From its start until its wall stood, milliseconds. */
  readonly durationMs: number;
  /** Packets that its interfaces had sent by then. */
  readonly packets: number;
  /** It started before this run of Sentra, which does not know whether a gate stood then. */
  readonly wasAway?: true;
}

/** The gap as the badge tells it, with why nothing held its packets back. */
export function gapSentence({ durationMs, packets, wasAway }: StartGap, reason: string): string {
  const sent = packets === 1 ? '1 packet' : `${packets} packets`;
  const after = `Its wall stood ${Math.max(0, Math.round(durationMs))} ms after its last start`;
  return wasAway === true
    ? `${after}, for it started while Sentra was away; of the ${sent} that it sent before, none left if a gate of the run before stood.`
    : `${after}, and up to ${sent} left before: ${reason}.`;
}
