/**
 * Invariants that some schedule still breaks (about three in a thousand do), with a seed that shows it. The fixed seeds break
 * none. When one of these seeds breaks nothing any more, the test that it does fails, and the line goes.
 */
export const notKept: Readonly<Record<string, number>> = {
  I5: 2888,
  I6: 1768,
  I11: 882,
  I12: 2000724,
}
