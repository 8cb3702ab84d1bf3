/** First line of every access trace that a node writes, by which readers know it. */
export const accessTraceHead = '#erji-access-trace 1: milliseconds,bytes,ttl seconds,outcome,handle'
