import type { EgressSpan } from '../../model/egress.ts';
import type { EgressRequest } from '../../rpc/service/egress-service.ts';

/** Lines of a list of proposals, counted from 1. */
export type Lines = 'all' | readonly number[];

/** What the person wants of egress. */
export type EgressTask =
  | { readonly kind: 'ask'; readonly request: EgressRequest }
  /** Cut all containers off, or let the lists hold again. */
  | { readonly kind: 'lockdown' | 'lift' }
  /** The presets and profiles; with a name that one with its rules. */
  | { readonly kind: 'presets'; readonly show: string | undefined }
  | {
      readonly kind: 'learn';
      readonly target: string;
      readonly hours: number;
      readonly accept: Lines | undefined;
    }
  /** What is held, and what may be answered. */
  | { readonly kind: 'held' }
  /** The offered rule of that number among those of its verdict decides; `wish` goes into it. */
  | {
      readonly kind: 'held-rule';
      /** The beginning of an id is enough. */
      readonly id: string;
      readonly verdict: 'allow' | 'deny';
      readonly number: number;
      readonly wish: {
        readonly lifetime?: EgressSpan;
        readonly local?: boolean;
        readonly note?: string;
      };
    }
  | { readonly kind: 'held-answer'; readonly id: string; readonly answer: 'refuse' | 'defer' }
  /** Without a target: of all that was ever watched. */
  | { readonly kind: 'erase'; readonly target: string | undefined; readonly yes: boolean }
  /** `-` is the standard input. */
  | { readonly kind: 'import'; readonly target: string; readonly file: string }
  | { readonly kind: 'export'; readonly target: string; readonly file: string | undefined }
  /** With a file: with that list in place of the present one. */
  | { readonly kind: 'preview'; readonly target: string; readonly file: string | undefined };
