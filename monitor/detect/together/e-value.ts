/**
 * What a p-value is worth as evidence: a factor whose mean is at most 1 while nothing happens (an e-value),
 * by the calibrator κ p^(κ-1) with κ a half, for which nothing has to be known of what may happen (Shafer,
 * Shen, Vereshchagin, Vovk: "Test martingales, Bayes factors and p-values", Statistical Science 26, 2011).
 * 0.5 for a p-value of 1, 50 for one of 1e-4.
 */
export function eValueOf(probability: number): number {
  return 0.5 / Math.sqrt(Math.max(probability, 1e-12));
}
