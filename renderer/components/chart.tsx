import { useEffect, useRef, useState, type ReactElement } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { chartOptions, type ChartColour, type ChartMarker } from './chart-options.ts';
import styles from './chart.module.css';
import { classes } from './classes.ts';

/** One line of a chart; null where nothing was seen. */
export interface ChartLine {
  readonly label: string;
  readonly colour: ChartColour;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  readonly title: string;
  /** Seconds since 1970, rising. */
  readonly at: readonly number[];
  readonly lines: readonly ChartLine[];
  /** The learned range of the first line; drawn as a band. */
  readonly learned: { readonly low: number; readonly high: number } | undefined;
  readonly markers: readonly ChartMarker[];
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** Reads a value out: `1.2 cores`. */
  readonly format: (value: number) => string;
  /** The scale reaches at least this value. */
  readonly floor: number;
}

const height = 128;

/** A line over time, with the range held normal behind it and findings as marks on it. */
export function Chart(props: ChartProps): ReactElement {
  const { title, at, lines, learned, markers, from, to, format } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const latest = useRef(props);
  const [cursor, setCursor] = useState<number>();
  const labels = lines.map(({ label }) => label).join();
  latest.current = props;

  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const width = () => Math.max(120, element.clientWidth);
    const options = chartOptions(() => latest.current, setCursor, width(), height);
    const made = new uPlot(options, dataOf(latest.current), element);
    plot.current = made;
    const sizes = new ResizeObserver(() => made.setSize({ width: width(), height }));
    sizes.observe(element);
    // Canvases do not follow the theme by themselves.
    const repaint = () => requestAnimationFrame(() => made.redraw(false));
    const themes = new MutationObserver(repaint);
    themes.observe(document.documentElement, { attributeFilter: ['data-appearance'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', repaint);
    return () => {
      sizes.disconnect();
      themes.disconnect();
      dark.removeEventListener('change', repaint);
      made.destroy();
      plot.current = undefined;
    };
  }, [labels]);

  useEffect(() => {
    plot.current?.batch(() => {
      plot.current?.setData(dataOf(latest.current), false);
      plot.current?.setScale('x', { min: from, max: to });
    });
  }, [at, lines, learned, markers, from, to]);

  const index = cursor ?? at.length - 1;
  return (
    <figure className={styles.chart} aria-label={summary(props)}>
      <figcaption className={styles.caption}>
        <h3>{title}</h3>
        <span className={styles.values}>
          {lines.map(({ label, colour, values }) => {
            const value = values[index];
            return (
              <span key={label}>
                <span className={classes(styles.key, styles[colour])} aria-hidden="true" />
                {lines.length > 1 ? `${label} ` : ''}
                <strong>{value == null ? '–' : format(value)}</strong>
              </span>
            );
          })}
        </span>
      </figcaption>
      <div ref={place} className={styles.place} />
    </figure>
  );
}

function dataOf({ at, lines }: ChartProps): uPlot.AlignedData {
  return [at as number[], ...lines.map(({ values }) => values as (number | null)[])];
}

/** The chart in a sentence, for who cannot see it. */
function summary({ title, lines, learned, format, markers }: ChartProps): string {
  const parts = lines.map(({ label, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    if (last === undefined) return `${label}: nothing was read`;
    const most = known.reduce((one, other) => Math.max(one, other), 0);
    return `${label}: last ${format(last)}, at most ${format(most)}`;
  });
  if (learned !== undefined) {
    parts.push(`normal is ${format(learned.low)} to ${format(learned.high)}`);
  }
  if (markers.length > 0) parts.push(`findings: ${markers.length}`);
  return `${title}. ${parts.join('; ')}.`;
}
