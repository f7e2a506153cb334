import type { SentraBridge } from '../../preload/contract.ts';

declare global {
  interface Window {
    /** What the preload gives the page. */
    readonly sentra: SentraBridge;
  }
}
