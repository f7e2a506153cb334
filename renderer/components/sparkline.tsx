import { useEffect, useRef, type ReactElement } from 'react';
import styles from './sparkline.module.css';
import { drawSparkline, type SparklineColour } from './sparkline-drawing.ts';

/**
 * The last values of a series as a line. The picture repeats what the figure beside it says, so
 * screen readers pass it over.
 */
export function Sparkline({
  values,
  version,
  floor,
  colour,
}: {
  /** Oldest first; NaN where nothing was read, which breaks the line. */
  readonly values: Float32Array;
  /** Changes when `values` does, which is written in place. */
  readonly version: number;
  /** The scale reaches at least this value, so that noise near zero stays small. */
  readonly floor: number;
  readonly colour: SparklineColour;
}): ReactElement {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (element.current !== null) drawSparkline(element.current, values, floor, colour);
  }, [values, version, floor, colour]);
  return <canvas ref={element} className={styles.sparkline} aria-hidden="true" />;
}
