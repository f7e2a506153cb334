/** What may have left between a container's start and its wall. */
export interface StartGap {
  /** From its start until its wall stood, milliseconds. */
  readonly durationMs: number;
  /** Packets that its interfaces had sent by then. */
  readonly packets: number;
}

/** The gap as the badge tells it, with why nothing held its packets back. */
export function gapSentence({ durationMs, packets }: StartGap, reason: string): string {
  const sent = packets === 1 ? '1 packet' : `${packets} packets`;
  return `Its wall stood ${Math.max(0, Math.round(durationMs))} ms after its last start, and up to ${sent} left before: ${reason}.`;
}
